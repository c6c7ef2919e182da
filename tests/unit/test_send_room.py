"""Waiting for room: how often it asks, and what ends it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from k6ws._socket.send_room import FULL, Room


def test_who_is_hurried_does_not_ask_again_and_again() -> None:
    vu = SimpleNamespace(host=None, is_hurried=False)

    def sleep(_ms: float) -> None:
        # As the loop has it: a stop of the run ends this sleep, and every later one at once.
        vu.is_hurried = True

    vu.loop = SimpleNamespace(core=SimpleNamespace(now=lambda: 0.0), sleep=sleep)
    asked: list[int] = []

    def again() -> int:
        asked.append(1)
        assert len(asked) < 100
        return FULL

    assert Room(cast("Any", vu)).wait(again, 1000.0) == FULL
    assert len(asked) == 1
