"""Where a run comes from, as its snapshots tell it."""

from k6ws._core.run import Run

def introduce(run: Run, origin: str) -> None:
    """Have it told where the run comes from, as JSON, without its secrets. Before anything was told.

    Raises:
        ValueError: It is no such JSON.
    """
