"""Who a VU is: its numbers, where its samples go and what they carry, and what is its own.

Nothing here runs or waits: that is the VU, which has one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._loop.defaults import Defaults, LibraryDefaults

if TYPE_CHECKING:
    from random import Random

_NO_TAGS = _core.Tags()
_NO_ENV: Mapping[str, str] = MappingProxyType({})
_DEFAULTS = LibraryDefaults()


class Identity:
    """Of one virtual user, or of the plain program that uses k6ws as a library (``run`` is ``None``)."""

    __slots__ = (
        "_state",
        "account",
        "cookie_jar",
        "defaults",
        "env",
        "group",
        "id",
        "index",
        "is_init",
        "iteration",
        "iteration_in_scenario",
        "number",
        "random",
        "refusals",
        "rows",
        "run",
        "scenario",
        "tags",
    )

    def __init__(self) -> None:
        self.id = 0
        self.index = -1
        self.run: _core.Run | None = None
        self.account: _core.Account | None = None
        self.tags = _NO_TAGS
        self.group = ""
        self.defaults: Defaults = _DEFAULTS
        self.scenario = ""
        self.env: Mapping[str, str] = _NO_ENV
        self.iteration = -1
        self.iteration_in_scenario = -1
        # Of its iteration, among all of the scenario.
        self.number = 0
        # The body of a script runs, not a function of it.
        self.is_init = False
        # Made on first use: thousands of VUs may never need them.
        self.random: Random | None = None
        self.rows: dict[Any, tuple[object, int]] | None = None
        # Targets that refused it: how often in a row, since when, and when the last time.
        self.refusals: dict[str, tuple[int, float, float]] | None = None
        self.cookie_jar: Any = None
        self._state: dict[str, Any] | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the script keeps between iterations."""
        if self._state is None:
            self._state = {}
        return self._state

    def renew_state(self) -> None:
        """Begin with an empty one."""
        self._state = None

    def generator(self, seed: int | None) -> Random:
        """The VU's own random numbers, seeded with its number in the whole test or by ``random_seed``.

        Args:
            seed: What the body of the script gave to ``random_seed``, if anything.
        """
        if self.random is None:
            from random import Random  # noqa: PLC0415 - few scripts ask for random numbers

            self.random = Random(self._seed(seed))  # noqa: S311 - a load test wants repeatable, not secret
        return self.random

    def leave_groups(self) -> None:
        """Leave a group that an iteration never left: in a generator, or in a task that did not end."""
        if self.group:
            self.group = ""
            if self.tags.get("group"):
                self.tags = self.tags.extended([("group", "")])

    def _seed(self, seed: int | None) -> str | int:
        """What no other VU of the test is seeded with, nor a stage of another instance."""
        run = self.run
        if run is None:
            return self.id
        own = run.id_in_test(self.index) if self.index >= 0 else f"{self.group} {run.id_in_test(0)}"
        return own if seed is None else f"{seed} {own}"
