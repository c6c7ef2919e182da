"""One iteration of a script, as a unit test wants it."""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import check, env, execution, metrics, testing, timers
from k6ws.errors import K6Error, OptionsError, RunNotOk

SCRIPT = """
from k6ws import check, env, execution, metrics, random_seed

random_seed(7)
options = {"vus": 50, "duration": "1h", "thresholds": {"drawn": ["max<1"]}, "tags": {"of": "mine"}}
drawn = metrics.Trend("drawn")

def setup():
    return {"name": "ann"}

def default(data):
    drawn.add(execution.vu.random.random(), {"name": data["name"], "who": env.get("WHO", "")})

async def other():
    check(execution.vu.id_in_test, {"is the first": lambda n: n == 1})

def broken():
    raise LookupError("of the script")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def test_a_script_runs_once_whatever_its_options_say(
    script: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = testing.once(script, env={"WHO": "me"})
    assert result.metrics["iterations"].count == 1
    [(tags, figures)] = result.series("drawn")
    assert (tags["name"], tags["who"], tags["of"]) == ("ann", "me", "mine")
    assert figures["count"] == 1
    assert [one.ok for one in result.thresholds] == [True]
    assert caplog.text == ""
    assert "WHO" not in env


def test_its_random_numbers_are_the_same_each_time_and_others_with_another_seed(
    script: Path,
) -> None:
    seeds: list[dict[str, Any]] = [{}, {}, {"seed": 8}, {"seed": 8}, {"seed": 7}]
    drawn = [testing.once(script, **given).metrics["drawn"]["max"] for given in seeds]
    assert drawn[0] == drawn[1] == drawn[4] != drawn[2] == drawn[3]
    with pytest.raises(OptionsError, match="invalid seed 'x'"):
        testing.once(script, seed="x")  # type: ignore[arg-type]


def test_another_function_and_coroutines(script: Path) -> None:
    assert testing.once(script, function="other").checks["is the first"].passes == 1
    with pytest.raises(OptionsError, match="no function 'othre'"):
        testing.once(script, function="othre")


def test_what_it_raises_is_raised_as_it_was(script: Path) -> None:
    with pytest.raises(LookupError, match="of the script") as raised:
        testing.once(script, function="broken")
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert frames[-1].filename == str(script)
    # Nothing of the worker, the loop or the run lies between the call and the script.
    assert len([one for one in frames if "/k6ws/_" in one.filename]) == 0

    async def coroutine() -> None:
        raise LookupError("of the coroutine")

    with pytest.raises(LookupError, match="of the coroutine"):
        testing.once(coroutine)


def test_what_a_handler_raises_that_nobody_waits_for_is_said() -> None:
    def default() -> None:
        timers.set_timeout(lambda: 1 / 0, 1)

    with pytest.raises(RunNotOk, match="ZeroDivisionError in a handler or a stage") as raised:
        testing.once(default)
    assert "1 / 0" in str(raised.value)


def test_checks_and_metrics_of_a_function() -> None:
    sizes = metrics.Trend("sizes")

    def default() -> None:
        sizes.add(3)
        check(3, {"is odd": lambda n: n % 2 == 1, "is large": lambda n: n > 5})

    result = testing.once(default)
    assert (result.checks["is odd"].passes, result.checks["is large"].fails) == (1, 1)
    assert result.metrics["sizes"]["max"] == 3
    assert execution.vu.id_in_test == 0


def test_inside_an_asyncio_loop_it_says_what_to_do() -> None:
    async def direct() -> None:
        testing.once(lambda: None)

    with pytest.raises(K6Error, match="would hold up") as refused:
        asyncio.run(direct())
    assert "asyncio.to_thread" in refused.value.hint

    async def beside() -> k6ws.Result:
        return await asyncio.to_thread(testing.once, lambda: check(1, {"is one": 1}))

    assert asyncio.run(beside()).checks["is one"].passes == 1
