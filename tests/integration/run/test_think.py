"""`think`: pauses of several distributions, seeded for each VU, in both spellings."""

from __future__ import annotations

import asyncio
import inspect
import time
from datetime import timedelta
from typing import Any

import pytest

import k6ws
from k6ws import execution, think
from k6ws._loop import current
from support.notes import NOTES


def timed(call: Any) -> float:
    began = time.monotonic()
    call()
    return (time.monotonic() - began) * 1000.0


def test_a_pause_lies_between_its_bounds() -> None:
    for _ in range(5):
        assert 10 <= timed(lambda: think("10ms", "20ms")) < 300
    assert timed(lambda: think(timedelta(milliseconds=30))) >= 30
    assert timed(lambda: think("0s")) < 100


def test_the_distributions_have_the_mean_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(current().loop, "sleep", pauses.append)
    for _ in range(4000):
        think.normal("100ms", "10ms")
    assert sum(pauses) / len(pauses) == pytest.approx(100, rel=0.02)
    assert 9 < (sum((one - 100) ** 2 for one in pauses) / len(pauses)) ** 0.5 < 11
    pauses.clear()
    for _ in range(4000):
        think.exponential("50ms")
    assert sum(pauses) / 4000 == pytest.approx(50, rel=0.1)
    pauses.clear()
    for _ in range(4000):
        think("50ms", "150ms")
    assert sum(pauses) / 4000 == pytest.approx(100, rel=0.05)
    assert min(pauses) == pytest.approx(50, abs=5)
    assert max(pauses) == pytest.approx(150, abs=5)
    assert all(50 <= one <= 150 for one in pauses)
    think.normal("0s", "1ms")
    think.exponential("0s")


def test_each_vu_has_times_of_its_own_that_come_again(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import k6ws\nfrom k6ws import execution, random_seed, think\n"
        "from support.notes import NOTES\nrandom_seed(7)\n"
        "def default():\n"
        "    vu = k6ws._loop.current()\n"
        "    vu.loop.sleep, sleep = lambda ms: NOTES.append((vu.who.id, ms)), vu.loop.sleep\n"
        "    think('1ms', '2ms')\n"
        "    vu.loop.sleep = sleep\n"
    )
    runs: list[list[Any]] = []
    for _ in range(2):
        NOTES.clear()
        result = k6ws.run(script, scenarios=per_vu(3, 2))
        assert result.exceptions == []
        runs.append(sorted(NOTES))
    assert runs[0] == runs[1]
    assert len({ms for _, ms in runs[0]}) == 6


def per_vu(vus: int, each: int) -> dict[str, Any]:
    return {"s": {"executor": "per-vu-iterations", "vus": vus, "iterations": each}}


def test_only_the_vu_that_thinks_waits() -> None:
    order: list[int] = []

    def default() -> None:
        think("300ms" if execution.vu.id_in_test == 1 else "10ms")
        order.append(execution.vu.id_in_test)

    k6ws.run(default, scenarios=per_vu(2, 1))
    assert order == [2, 1]


def test_a_coroutine_awaits_it() -> None:
    took: list[float] = []

    async def default() -> None:
        began = time.monotonic()
        await think("30ms")
        await asyncio.gather(think("30ms"), think.normal("30ms", "0s"))
        await asyncio.create_task(think.exponential("1ms"))
        took.append(time.monotonic() - began)

    result = k6ws.run(default, scenarios=per_vu(1, 1))
    assert result.exceptions == []
    assert took[0] >= 0.06
    began = time.monotonic()
    asyncio.run(program())
    assert time.monotonic() - began >= 0.02


async def program() -> None:
    await think("20ms")


def test_one_that_is_not_awaited_fails_the_iteration_with_its_line() -> None:
    async def default() -> None:
        think("30ms")
        await asyncio.sleep(0)

    result = k6ws.run(default, scenarios=per_vu(1, 1))
    lines, first = inspect.getsourcelines(default)
    line = first + next(n for n, text in enumerate(lines) if "think(" in text)
    (error,) = result.exceptions
    assert f"think(…) at test_think.py:{line} was not awaited" in error.message


def test_a_program_is_warned_of_one_that_is_not_awaited(caplog: pytest.LogCaptureFixture) -> None:
    async def forgetful() -> None:
        think("30ms")

    asyncio.run(forgetful())
    assert "was not awaited" in caplog.text


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: think(0.5), TypeError, "write '0.5ms' or '0.5s'"),  # type: ignore[arg-type]
        (lambda: think("1s", 2), TypeError, "must say its unit"),  # type: ignore[arg-type]
        (lambda: think("2s", "1s"), k6ws.InvalidParameter, "write think|shorter time first"),
        (lambda: think("soon"), k6ws.InvalidParameter, "least"),
        (lambda: think("-1s"), k6ws.InvalidParameter, "range|least"),
        (lambda: think(None), TypeError, "duration"),  # type: ignore[arg-type]
        (lambda: think.normal("1s", "-1s"), k6ws.InvalidParameter, "deviation"),
    ],
)
def test_what_is_no_time_is_refused(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_a_vu_that_is_cut_thinks_no_further() -> None:
    def default() -> None:
        think("60s")

    began = time.monotonic()
    k6ws.run(
        default,
        scenarios={
            "s": {"executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}
        },
    )
    assert time.monotonic() - began < 20
