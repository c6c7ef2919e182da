"""How far a run is, in the numbers that k6's REST API gives them."""

from enum import IntEnum


class Phase(IntEnum):
    """The stages of a run, in their order."""

    CREATED = 0
    INITIALISING_VUS = 1
    INITIALISING_EXECUTORS = 2
    INITIALISED = 3
    PAUSED = 4
    STARTED = 5
    SETUP = 6
    RUNNING = 7
    TEARDOWN = 8
    ENDED = 9
    INTERRUPTED = 10
    """Ended before its time."""
