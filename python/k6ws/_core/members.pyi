"""What Python tells of VUs that begin and end with code of the script, or own what outlives iterations.

And what a script does to its scenario and its run.
"""

from k6ws._core.run import Run

def vus_begin(run: Run, scenario: int) -> None:
    """VUs of the scenario at a position begin with code of the script; said before the run begins."""

def vu_entered(run: Run, vu: int) -> None:
    """A VU has begun, or owns something: it is told to leave its scenario one day."""

def vu_ready(run: Run, vu: int) -> None:
    """A VU that was told `ENTER_SCENARIO` has begun, or was cut."""

def vu_failed(run: Run, vu: int) -> bool:
    """A VU could not begin; whether its scenario has no VU left."""

def vu_left(run: Run, vu: int) -> None:
    """A VU that was told `LEAVE_SCENARIO` has left, or was cut."""

def end_scenario(run: Run, name: str) -> None:
    """Have a scenario start nothing more, and what runs go on to its end."""

def mark(run: Run, name: str) -> None:
    """Record an instant that the script names."""
