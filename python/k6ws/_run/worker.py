"""A VU of a run: a greenlet that runs one iteration after another, when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._loop.vu import Defaults
from k6ws.errors import Interrupted


class Worker:
    """Runs the iterations of one VU. Whoever ends one early is the VU's own exception, or a cut."""

    def __init__(
        self,
        loop: Loop,
        run: _core.Run,
        index: int,
        defaults: Defaults,
        failed: Callable[[BaseException, str], None],
    ) -> None:
        """Take over the VU with this index of ``run``; ``failed`` is told each exception."""
        self._loop = loop
        self._run = run
        self._failed = failed
        self._greenlet: greenlet | None = None
        self._function: Callable[[], Any] = _nothing
        vu = self.vu = Vu(loop)
        vu.index = index
        vu.id = index + 1
        vu.run = run
        vu.defaults = defaults
        # Tags that a script sets stay for later iterations of the VU, as in k6.
        vu.account, vu.tags, self.scenario = run.attach(index, self.receive)

    def employ(self, name: str, function: Callable[[], Any], env: Mapping[str, str]) -> None:
        """Set what the VU runs and under which scenario."""
        self._function = function
        self.vu.scenario = name
        self.vu.env = env

    def receive(self, kind: int, _data: object) -> None:
        """Take an event: start an iteration, or be cut."""
        if kind == _core.START_ITERATION:
            if self._greenlet is None:
                self._greenlet = greenlet(self._work, self._loop.root)
            self._greenlet.switch(_START)
        elif kind == _core.HARD_STOP:
            self.vu.cut()

    def dismiss(self) -> None:
        """End the greenlet of a VU that rests: the run is over."""
        resting, self._greenlet = self._greenlet, None
        if resting is not None and not resting.dead:
            resting.parent = getcurrent()
            resting.throw(GreenletExit)

    def _work(self, token: object) -> None:
        while True:
            # Anything else is an event that came too late for the iteration it was for.
            if token is _START:
                self._iterate()
            token = self._loop.rest()

    def _iterate(self) -> None:
        vu = self.vu
        self._begin()
        try:
            vu.check_alive()
            self._function()
            # Most scripts have closed everything by now.
            if vu.sources or vu.rejected:
                vu.finish()
        except Interrupted:
            vu.is_cut = True
        except BaseException as error:  # noqa: BLE001 - one bad iteration stops nothing else
            if not vu.is_cut:
                self._failed(error, vu.scenario)
                self._wind_down(error)
        self._end()

    def _wind_down(self, error: BaseException) -> None:
        try:
            self.vu.wind_down(error)
        except Interrupted:
            self.vu.is_cut = True

    def _begin(self) -> None:
        """Count and measure an iteration from here."""
        vu = self.vu
        self._loop.current = vu
        vu.renew()
        if not vu.defaults.no_cookies_reset:
            vu.cookie_jar = None
        vu.iteration += 1
        vu.iteration_in_scenario += 1
        self._run.iteration_began(vu.index)
        # Cut between the order to start and the start: then it never began.
        vu.is_cut = vu.account is not None and vu.account.is_cut()

    def _end(self) -> None:
        vu = self.vu
        self._run.iteration_ended(vu.index, vu.tags, vu.is_cut)
        self._loop.current = self._loop.outside


_START = object()


def _nothing() -> None:
    """Stand in until the VU is employed."""
