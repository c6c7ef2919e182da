"""One iteration after another, as the run counts and measures them; how they are run is the workers'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._run.exceptions import ITERATION


class Accounted(Protocol):
    """What a worker runs: an iteration, or a stage of the run."""

    @property
    def vu(self) -> Vu:
        """Who runs it."""
        ...

    @property
    def what(self) -> str:
        """The script's function that it calls, as texts name it."""
        ...

    def begin(self) -> None:
        """It begins."""
        ...

    def failed(self, error: BaseException) -> None:
        """It raised."""
        ...

    def failed_also(self, first: BaseException, second: BaseException) -> None:
        """A handler raised as well, while its sockets closed because of ``first``."""
        ...

    def failed_between(self, error: BaseException) -> None:
        """A handler of what belongs to the VU raised while it rests."""
        ...

    def left_behind(self) -> None:
        """A task outlived it."""
        ...

    def end(self) -> None:
        """It is over, with all its sockets and timers."""
        ...


class Failed(Protocol):
    """Told each exception of an iteration, and whether it is the one that ends it."""

    def __call__(self, error: BaseException, what: str, *, ends_it: bool = True) -> None:
        """Count it, or only say it."""
        ...


class Iteration:
    """The account of one VU's iterations."""

    __slots__ = ("_failed", "_is_failed", "_left_behind", "_loop", "_run", "is_under_way", "vu")

    def __init__(
        self,
        loop: Loop,
        run: _core.Run,
        vu: Vu,
        failed: Failed,
        left_behind: Callable[[], None],
    ) -> None:
        """``failed`` is told each exception, ``left_behind`` each task that outlived its iteration."""
        self._loop = loop
        self._run = run
        self._failed = failed
        self._is_failed = False
        self.vu = vu
        self._left_behind = left_behind
        self.is_under_way = False
        """From the order to start it until its end is told, exactly once."""

    @property
    def what(self) -> str:
        """What texts call the function."""
        return f"the function of scenario {self.vu.who.scenario}"

    def begin(self) -> None:
        """Count and measure an iteration from here."""
        vu = self.vu
        who = vu.who
        vu.renew()
        self._is_failed = False
        if not who.defaults.no_cookies_reset:
            who.cookie_jar = None
        who.iteration += 1
        who.iteration_in_scenario += 1
        self._run.iteration_began(who.index)
        account = who.account
        # Cut between the order to start and the start: then it never began.
        vu.is_cut = account is not None and account.is_cut()

    def failed(self, error: BaseException) -> None:
        """It ended with an exception."""
        self._is_failed = True
        self._failed(error, ITERATION + self.vu.who.scenario)

    def failed_also(self, first: BaseException, second: BaseException) -> None:
        """A handler raised as well while its sockets closed: told like the first, which is what counts."""
        del first
        what = f"a handler that ran after a failed iteration of scenario {self.vu.who.scenario}"
        self._failed(second, what, ends_it=False)

    def failed_between(self, error: BaseException) -> None:
        """A handler raised between two iterations: it ends none, and counts."""
        self._failed(error, f"a handler between two iterations of scenario {self.vu.who.scenario}")

    def left_behind(self) -> None:
        """A task outlived it."""
        self._left_behind()

    def end(self) -> None:
        """It is over, with all its sockets and timers. Told once: again, this does nothing."""
        if self.is_under_way:
            vu = self.vu
            who = vu.who
            ended, tags, is_cut = self._run.iteration_ended, who.tags, vu.is_cut
            # Between these two lines no signal is looked at.
            self.is_under_way = False
            ended(who.index, tags, is_cut, self._is_failed)

    def tell_end(self) -> None:
        """Tell the end of an iteration that was ordered and never began; the core knows whether one was."""
        if not self.is_under_way:
            self._run.iteration_ended(self.vu.who.index, self.vu.who.tags, True, False)
