"""Which line of the script is named: of what ended iterations, and of what held the loop."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from websockets.uri import parse_uri

import k6ws
from k6ws._run.holds import handler_in


def in_the_standard_library() -> None:
    json.loads("no JSON")


def in_an_installed_package() -> None:
    parse_uri("no URI")


def in_ours() -> None:
    k6ws.ws.open("no URL")


async def in_a_task() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.wait_for(asyncio.sleep(10), 0.001))


def in_a_callback_of_the_library() -> None:
    json.loads("[1]", parse_int=lambda _: 1 // 0)


PLACES: list[tuple[Callable[[], Any], int]] = [
    (in_the_standard_library, 1),
    (in_an_installed_package, 1),
    (in_ours, 1),
    (in_a_task, 1),
    (in_a_callback_of_the_library, 1),
]


@pytest.mark.parametrize(("function", "line"), PLACES, ids=[one.__name__ for one, _ in PLACES])
def test_an_exception_is_told_at_the_scripts_own_line(
    function: Callable[[], Any], line: int
) -> None:
    result = k6ws.run(function, vus=1, iterations=2)
    (told,) = result.exceptions
    expected = f"{Path(__file__).name}:{function.__code__.co_firstlineno + line}"
    assert (told.where, told.count) == (expected, 2)


class Looks:
    """A finder of modules that finds none, and keeps who asks: Python's own import."""

    def __init__(self) -> None:
        self.asked_by: list[FrameType | None] = []

    def find_spec(self, name: str, *_: object) -> None:
        """Keep it."""
        if name == "no_such_module":
            self.asked_by.append(sys._getframe().f_back)


def imports() -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module("no_such_module")


def has_ours_import() -> None:
    """As k6ws does with what is rarely needed."""
    ours = str(Path(k6ws.__file__).parent / "a_file_of_ours.py")
    text = "try: import no_such_module\nexcept ImportError: pass"
    exec(compile(text, ours, "exec"), {})


@pytest.mark.parametrize("function", [imports, has_ours_import])
def test_what_an_import_holds_is_held_by_the_line_that_led_to_it(
    function: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks()
    monkeypatch.setattr(sys, "meta_path", [looks, *sys.meta_path])
    k6ws.run(function, vus=1, iterations=1)
    (frame,) = looks.asked_by
    assert frame is not None
    assert frame.f_code.co_filename.startswith("<frozen importlib")
    assert handler_in(frame).startswith(f"{function.__name__} (test_places.py:")
