"""``k6ws_compare``: compares two targets for a test, and judges what the test itself did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import pytest

from k6ws._pytest.judge import QUIETER, Judge
from k6ws.testing.compare import compare
from k6ws.testing.comparison import Comparison

if TYPE_CHECKING:
    from k6ws._typed.run import CompareKeywords

_LOOKED_AT = {"assert_ok", "high", "is_slower", "low", "passed", "ratio"}


class Comparisons(Judge):
    """The comparisons of one test."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        """Made by a fixture."""
        super().__init__(request)
        self._made: list[_Watched] = []

    def __call__(self, a: Any, b: Any, **options: Unpack[CompareKeywords]) -> Comparison:
        """Compare two targets as ``k6ws.testing.compare`` does.

        Args:
            a: One target.
            b: The other one, which may not be slower.
            **options: As there.

        Returns:
            The comparison, whatever it says.

        Raises:
            RunNotOk: Not all went well in a round.
            OptionsError: An option is wrong.
        """
        watched = _Watched.of_(compare(a, b, **options))
        self._made.append(watched)
        return watched

    def _judged(self) -> list[str]:
        lines: list[str] = []
        for one in self._made:
            if not vars(one)["looks"] and not one.passed:
                lines += [str(one), *([f"  hint: {one.hint}"] if one.hint else [])]
            if one.untrustworthy:
                rounds = f"{one.untrustworthy} of {2 * len(one.a)} rounds"
                self._warnings.append(f"the numbers of {rounds} may not be the targets'")
        if self._made:
            self._add_property({})
        return lines

    def _beside(self, raised: BaseException) -> list[str]:
        said = str(raised)
        return [
            line for one in self._made if str(one) not in said for line in str(one).splitlines()
        ]

    def _doubts(self) -> list[str]:
        if self._trust != "error":
            return []
        # Both sides meet the same machine: only where most rounds are in doubt is the difference as well.
        return [
            f"{one.untrustworthy} of {2 * len(one.a)} rounds may show this machine, not the targets\n"
            f"  {QUIETER}"
            for one in self._made
            if one.untrustworthy > len(one.a)
        ]


class _Watched(Comparison):
    """A comparison that knows whether a test looked at it."""

    @classmethod
    def of_(cls, comparison: Comparison) -> _Watched:
        watched = cls.__new__(cls)
        vars(watched).update(vars(comparison), looks=set[str](), plain=comparison)
        return watched

    def __getattribute__(self, name: str) -> Any:
        if name in _LOOKED_AT:
            vars(self)["looks"].add(name)
        return super().__getattribute__(name)

    def __str__(self) -> str:
        # To be shown is not to be judged.
        return str(vars(self)["plain"])

    @property
    def hint(self) -> str:
        """What to do where nobody can say."""
        return str(vars(self)["plain"].hint)
