"""The loop of a thread, as its VUs see it: they wait on it, and ask it what is under way.

What runs the loop is not known here, nor is asyncio; `loop` puts it together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextvars import Context

from k6ws import _core
from k6ws._loop.control import Control
from k6ws._loop.notices import Notices
from k6ws._loop.pool import Pool
from k6ws._loop.waiting import W, Waiting


class AbstractLoop(Waiting[W], ABC):
    """What VUs share on one thread."""

    def __init__(self, core: _core.Loop, outside: W) -> None:
        super().__init__(core, outside)
        # What the context of a VU begins as: a copy of the program's, which began the run.
        self.origin = Context()
        # While a script is loaded: the metrics that it has declared, as kind and whether they are times.
        self.declared: dict[str, tuple[str, bool]] | None = None
        # What `random_seed` was given in the body of the script that runs.
        self.seed: int | None = None
        # Variables that a program gives to the script that it runs.
        self.env: Mapping[str, str] = {}
        # While a run is under way: what its script may do to it.
        self.control: Control | None = None
        self.notices = Notices()
        # Made for the first blocking call that a script wants made elsewhere.
        self.pool: Pool | None = None

    @abstractmethod
    def is_in_asyncio(self) -> bool:
        """Whether an asyncio loop runs in this thread: then nothing may wait but coroutines."""

    @abstractmethod
    def join_asyncio(self) -> None:
        """Let handlers of the plain program run on the asyncio loop that runs in this thread, if one does.

        Called by whatever brings events there: programs come and go with their loops (``asyncio.run``).
        """

    @abstractmethod
    def kept_outside(self) -> None:
        """The plain program makes a socket or a timer: it follows the program, which has to wait for it."""

    @abstractmethod
    def of_task(self) -> W:
        """The VU of the task that asyncio is running."""
