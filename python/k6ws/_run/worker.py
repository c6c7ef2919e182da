"""A VU of a run: a greenlet that runs one iteration after another, when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from k6ws._loop import Loop, check_result
from k6ws._loop.between import await_handlers, rest
from k6ws._run.iteration import Accounted
from k6ws.errors import Interrupted


class Worker:
    """Runs the iterations of one VU. Whoever ends one early is the VU's own exception, or a cut."""

    __slots__ = ("_function", "_greenlet", "_is_at_work", "_iteration", "_loop", "_vu")

    def __init__(self, iteration: Accounted, loop: Loop) -> None:
        self._iteration = iteration
        self._loop = loop
        self._vu = iteration.vu
        self._function: Callable[[], Any] = _nothing
        self._greenlet: greenlet | None = None
        self._is_at_work = False

    def start(self, function: Callable[[], Any]) -> None:
        """Start an iteration that calls ``function``."""
        self._function = function
        self._vu.host = None
        if self._greenlet is None or self._greenlet.dead:
            self._greenlet = greenlet(self._work, self._loop.root)
            self._greenlet.gr_context = self._vu.context
        self._greenlet.switch(_START)

    def bury(self) -> None:
        """End an iteration whose greenlet something struck dead between two lines of ours."""
        if not self._is_at_work or self._greenlet is None or self._greenlet.dead:
            self._iteration.end()

    def dismiss(self) -> None:
        """End the greenlet: the run is over.

        One that rests returns: an exception in each of thousands costs more than their iterations. One that
        was left in the midst of an iteration waits in code of the script, and is thrown out of it.
        """
        left, self._greenlet = self._greenlet, None
        if left is None or left.dead:
            return
        left.parent = getcurrent()
        if self._is_at_work:
            left.throw(GreenletExit)
        else:
            left.switch(_END)

    def _work(self, token: object) -> None:
        while token is not _END:
            # Anything else is an event that came too late for the iteration it was for.
            if token is _START:
                self._iterate()
            # It may have been dismissed in the midst of the iteration.
            token = _END if self._greenlet is None else self._loop.rest()

    def _iterate(self) -> None:
        try:
            self._is_at_work = True
            self._attempt()
        finally:
            self._iteration.end()
            if self._vu.belongings is not None:
                rest(self._vu, self._iteration.failed_between)
            self._is_at_work = False
            loop = self._loop
            loop.current, loop.led = loop.outside, None

    def _attempt(self) -> None:
        loop, vu, iteration = self._loop, self._vu, self._iteration
        # As `turn_to` does, without a call.
        loop.current, loop.led = vu, None
        if vu.belongings is not None and not self._is_quiet():
            return
        iteration.begin()
        try:
            if vu.is_cut:
                vu.check_alive()
            result = self._function()
            if result is not None:
                check_result(iteration.what, result)
            # Most scripts have closed everything by now.
            if vu.sources or vu.rejected or vu.belongings or vu.failure is not None:
                vu.finish()
        except Interrupted:
            # Not every one comes with a cut: the next iteration must not wait for these sockets.
            vu.give_up()
        except BaseException as error:  # noqa: BLE001 - one bad iteration stops nothing else
            if not vu.is_cut:
                iteration.failed(error)
                self._wind_down(error)

    def _wind_down(self, error: BaseException) -> None:
        try:
            self._vu.wind_down(lambda second: self._iteration.failed_also(error, second))
        except Interrupted:
            self._vu.give_up()

    def _is_quiet(self) -> bool:
        """Whether no handler of what the VU keeps is under way; waits for it. Not so in a VU that is cut."""
        try:
            await_handlers(self._vu)
        except Interrupted:
            return False
        return True


def _nothing() -> None:
    """Stand in until there is a function."""


_START = object()
_END = object()
