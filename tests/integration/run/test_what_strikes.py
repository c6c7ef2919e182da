"""What a signal handler of the program raises leaves the run as itself, whatever it is and raises."""

from __future__ import annotations

import functools
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import k6ws
from support.journal import PATIENCE_S

NUMBER = signal.SIGUSR1


class StruckError(Exception):
    """What a handler raises."""


def plain(_number: int, _frame: object) -> None:
    raise StruckError


def leaving(_number: int, _frame: object) -> None:
    raise SystemExit(4)


def with_more(_more: str, *_: object) -> None:
    raise StruckError


def once(_number: int, _frame: object) -> None:
    signal.signal(NUMBER, signal.SIG_DFL)
    raise StruckError


class Handler:
    """A handler that is an object."""

    def __call__(self, _number: int, _frame: object) -> None:
        raise StruckError


HANDLERS: dict[str, tuple[Callable[..., None], type[BaseException]]] = {
    "function": (plain, StruckError),
    "sys.exit": (leaving, SystemExit),
    "partial": (functools.partial(with_more, "more"), StruckError),
    "object": (Handler(), StruckError),
    "only once": (once, StruckError),
}


@pytest.fixture(params=HANDLERS)
def raised(request: pytest.FixtureRequest) -> Iterator[type[BaseException]]:
    handler, error = HANDLERS[request.param]
    previous = signal.signal(NUMBER, handler)
    yield error
    signal.signal(NUMBER, previous)


def strike() -> None:
    os.kill(os.getpid(), NUMBER)
    time.sleep(PATIENCE_S)


async def strike_() -> None:
    strike()


@pytest.mark.parametrize("default", [strike, strike_], ids=["def", "async def"])
def test_it_leaves_an_iteration(raised: type[BaseException], default: Callable[[], Any]) -> None:
    with pytest.raises(raised):
        k6ws.run(default, duration="30s")
    assert k6ws.run(lambda: None, iterations=3).metrics["iterations"].count == 3


STRIKE = "import os, signal, time; os.kill(os.getpid(), signal.SIGUSR1); time.sleep(60)"


@pytest.mark.parametrize(
    "script",
    [
        f"def default(): pass\n{STRIKE}\n",
        f"def default(): pass\ndef setup():\n    {STRIKE}\n",
        f"def default(): pass\ndef teardown():\n    {STRIKE}\n",
        f"def default(): pass\ndef handle_summary(data):\n    {STRIKE}\n",
    ],
    ids=["body", "setup", "teardown", "handle_summary"],
)
def test_it_leaves_a_script_outside_its_iterations(
    raised: type[BaseException], script: str, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(script)
    with pytest.raises(raised):
        k6ws.run(tmp_path / "script.py", iterations=1)
    assert k6ws.run(lambda: None, iterations=3).metrics["iterations"].count == 3


def test_a_sys_exit_of_the_script_itself_ends_its_iteration_alone() -> None:
    count = 0

    def default() -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise SystemExit(3)

    result = k6ws.run(default, iterations=4)
    assert result.metrics["iterations"].count == 4
    assert [(one.type, one.count) for one in result.exceptions] == [("SystemExit", 1)]
