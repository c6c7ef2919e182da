"""VUs are one pool: a scenario takes them as it needs, and one that is done leaves them to the next."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

import k6ws
from k6ws import execution, sleep

SCRIPT = """
import asyncio
from k6ws import execution, env

seen = []
options = {
    "scenarios": {
        "first": {"executor": "per-vu-iterations", "vus": 2, "iterations": 2, "exec": "plain",
                  "env": {"WHICH": "one"}, "tags": {"step": "1"}},
        "second": {"executor": "per-vu-iterations", "vus": 2, "iterations": 1, "exec": "coroutine",
                   "startTime": "1s", "env": {"WHICH": "two"}},
        "third": {"executor": "per-vu-iterations", "vus": 1, "iterations": 1, "exec": "plain",
                  "startTime": "2s"},
    },
}

def note():
    vu = execution.vu
    vu.state["scenarios"] = [*vu.state.get("scenarios", []), execution.scenario.name]
    seen.append((execution.scenario.name, vu.id_in_test, vu.iteration_in_instance,
                 vu.iteration_in_scenario, env.get("WHICH"), vu.tags.get("step")))

def plain():
    note()
    execution.vu.tags["kept"] = "here"

async def coroutine():
    await asyncio.sleep(0)
    note()
    assert "kept" not in execution.vu.tags

def teardown():
    import json
    with open(env["OUT"], "w") as out:
        json.dump(seen, out)
"""


def test_a_vu_serves_one_scenario_after_another(tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(SCRIPT.replace('env["OUT"]', repr(str(tmp_path / "seen.json"))))
    result = k6ws.run(script)
    assert [(e.type, e.message) for e in result.exceptions] == []
    seen = json.loads((tmp_path / "seen.json").read_text())
    by_scenario = {
        name: sorted(one[1:] for one in seen if one[0] == name)
        for name in ("first", "second", "third")
    }
    assert by_scenario == {
        "first": [
            [1, 0, 0, "one", "1"],
            [1, 1, 1, "one", "1"],
            [2, 0, 0, "one", "1"],
            [2, 1, 1, "one", "1"],
        ],
        "second": [[1, 2, 0, "two", None], [2, 2, 0, "two", None]],
        # Tags of the scenario are put back; its own count goes on where it was.
        "third": [[1, 3, 0, None, None]],
    }


def test_scenarios_at_the_same_time_have_vus_of_their_own() -> None:
    ids: list[int] = []

    def default() -> None:
        ids.append(execution.vu.id_in_test)
        sleep(0.2)

    one: k6ws.Scenario = {"executor": "per-vu-iterations", "vus": 2}
    k6ws.run(default, scenarios={"a": one, "b": one})
    assert sorted(ids) == [1, 2, 3, 4]


def test_a_quick_iteration_is_followed_by_a_rest() -> None:
    began: list[float] = []

    async def default() -> None:
        began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)

    result = k6ws.run(default, iterations=3, minIterationDuration="200ms")
    assert all(b - a >= 0.19 for a, b in itertools.pairwise(began))
    # The rest is no part of what was measured.
    assert result.metrics["iteration_duration"].max < 150
    assert result.metrics["iterations"].count == 3


def test_a_rest_ends_with_the_run() -> None:
    result = k6ws.run(lambda: None, duration="1s", minIterationDuration="1h", vus=2)
    # Nothing that rests is cut: it had finished.
    assert (result.metrics["iterations"].count, result.exit_code) == (2, 0)
