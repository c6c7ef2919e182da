"""What a test made and somebody has to judge: what all fixtures have in common."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Self

import pytest

PROPERTY = "k6ws"
"""The property of a test report that says what its runs came to."""
QUIETER = (
    "hint: a quieter machine or less load; k6ws_trust = warn in pytest's settings accepts this"
)


class Judge(ABC):
    """Judges at the end of a test what the test itself did not."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        """Made by a fixture."""
        self._request = request
        self._trust: str = request.config.getini("k6ws_trust")
        self._has_failed = False
        self._has_passed = False
        self._is_judging = False
        self._warnings: list[str] = []

    @contextmanager
    def of_a_test(self, key: pytest.StashKey[list[Judge]]) -> Generator[Self]:
        """Be among the judges of a test for as long as its fixture lasts: a test may be run again."""
        judges = self._request.node.stash.setdefault(key, [])
        judges.append(self)
        try:
            yield self
            self.conclude()
        finally:
            judges.remove(self)

    @property
    def is_of_a_test(self) -> bool:
        """Whether it is a test's own, and not that of a session."""
        return isinstance(self._request.node, pytest.Item)

    def judge(self) -> None:
        """Fail the test for what it has not looked at; its body has ended, and raised nothing.

        Raises:
            pytest.fail.Exception: Something is not in order.
        """
        self._is_judging = True
        try:
            said = self._judged()
        finally:
            self._is_judging = False
        if said:
            self.fail("\n".join(said))
        self._has_passed = not self._has_failed

    def tell(self, report: pytest.TestReport, raised: pytest.ExceptionInfo[BaseException]) -> None:
        """Add to the report of a failed test what its runs came to."""
        if self._is_judging or self._has_failed:
            # It says so itself.
            return
        self._has_failed = True
        lines = self._beside(raised.value)
        if lines:
            report.sections.append(("k6ws", "\n".join(lines)))

    def conclude(self) -> None:
        """As the fixture ends: whether the numbers were the target's.

        Raises:
            pytest.fail.Exception: They may not be, and a time was judged; pytest counts that as an error.
        """
        # Of a test that failed, or was skipped, nothing was judged by times.
        doubts = self._doubts() if self._has_passed else []
        if doubts:
            pytest.fail("\n".join(doubts), pytrace=False)

    def fail(self, said: str) -> None:
        """End the test with these words, and without the lines of ours that led here."""
        self._has_failed = True
        pytest.fail(said, pytrace=False)

    def _add_property(self, told: dict[str, Any]) -> None:
        """Have the report of the test say it: reports reach whoever writes, from worker processes as well."""
        if self.is_of_a_test:
            value = json.dumps({**told, "warnings": self._warnings})
            self._request.node.user_properties.append((PROPERTY, value))

    @abstractmethod
    def _judged(self) -> list[str]:
        """What is not in order and nobody looked at, as lines; reports subtests meanwhile."""

    @abstractmethod
    def _beside(self, raised: BaseException) -> list[str]:
        """What belongs beside a failure of the test itself."""

    @abstractmethod
    def _doubts(self) -> list[str]:
        """Why an outcome that depends on times does not count; nothing where it does."""
