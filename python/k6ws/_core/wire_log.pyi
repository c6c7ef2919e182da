"""What passes on the first connections of a run, for `--ws-debug`."""

from k6ws._core.run import Run

def log_wire(run: Run, connections: int) -> None:
    """Show what passes on the first connections that the run makes."""

def wire_log_lines(run: Run) -> tuple[list[str], int]:
    """What was shown since the last call, line by line, and how many lines found no room."""
