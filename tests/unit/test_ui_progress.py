"""What is said before and during a run, compared with golden files.

To accept a deliberate change, run with `K6WS_UPDATE_GOLDEN=1` and read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import (
    Progress,
    ScenarioPlan,
    ScenarioProgress,
    render_banner,
    render_plain,
    render_plan,
    render_progress,
)

GOLDEN = Path(__file__).parent / "golden"


def agrees(name: str, text: str) -> bool:
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("K6WS_UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    return golden.read_text(encoding="utf-8") == text


def scenario(**changes: Any) -> ScenarioProgress:
    running: ScenarioProgress = {
        "name": "default",
        "executor": "constant-vus",
        "phase": "running",
        "active_vus": 10,
        "vus": 10,
        "elapsed_ms": 5_000,
        "duration_ms": 30_000,
        "started": 45,
        "total": None,
        "per_vu": None,
        "cut": False,
    }
    return running | changes  # type: ignore[return-value]


def snapshot(*scenarios: ScenarioProgress, errors: int = 0) -> Progress:
    return {
        "elapsed_ms": 5_000,
        "vus": 10,
        "vus_max": 10,
        "iterations": 45,
        "interrupted": 0,
        "scenarios": scenarios,
        "live": {
            "open": 10,
            "received_rate": 1234,
            "sent_rate": 1230.4,
            "connect_p95_ms": 1.2,
            "errors": errors,
        },
    }


EVERY_EXECUTOR = snapshot(
    scenario(name="constant"),
    scenario(name="ramping", executor="ramping-vus", active_vus=3, duration_ms=60_000),
    scenario(
        name="shared",
        executor="shared-iterations",
        phase="graceful_stop",
        started=3,
        total=100,
        duration_ms=600_000,
    ),
    scenario(
        name="per_vu",
        executor="per-vu-iterations",
        vus=2,
        active_vus=2,
        started=2,
        total=20,
        per_vu=10,
        duration_ms=600_000,
    ),
    scenario(name="steady", executor="constant-arrival-rate", active_vus=2, rate=30.0),
    scenario(name="swell", executor="ramping-arrival-rate", active_vus=2, started=100),
    scenario(name="later", phase="waiting", elapsed_ms=-10_000),
    scenario(name="finished", phase="done", active_vus=0, elapsed_ms=31_000),
    scenario(name="cut_at_half", phase="done", cut=True, elapsed_ms=15_000),
    scenario(name="a_name_that_goes_on_for_more_than_thirty"),
    errors=3,
)

PLAN: list[ScenarioPlan] = [
    {
        "name": "constant",
        "vus": 10,
        "description": "10 looping VUs for 30s (gracefulStop: 30s)",
        "max_duration_ms": 60_000,
    },
    {
        "name": "shared",
        "vus": 4,
        "description": "100 iterations shared among 4 VUs (maxDuration: 10m0s, gracefulStop: 0s)",
        "max_duration_ms": 660_000,
    },
]


@pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])
@pytest.mark.parametrize("width", [60, 160])
def test_progress_looks_as_agreed(width: int, color: bool) -> None:
    lines = render_progress(EVERY_EXECUTOR, width=width, color=color)
    name = f"progress_{width}_{'color' if color else 'plain'}"
    assert agrees(name, "\n".join(lines) + "\n")


def test_the_usual_run_reads_like_k6_with_one_more_line() -> None:
    assert render_progress(snapshot(scenario()), width=100, color=False) == [
        "running (0m05.0s), 10/10 VUs, 45 complete and 0 interrupted iterations",
        "default   [======>-------------------------------] 10 VUs  05.0s/30s",
        "ws: 10 open, 1234 msgs/s in, 1230 msgs/s out, connect p95 1.2ms, errors 0",
    ]


@pytest.mark.parametrize("width", [1, 20, 30, 40, 60, 79, 80, 200])
def test_no_width_splits_a_number(width: int) -> None:
    def words(at: int) -> list[str]:
        bars = re.compile(r"\[[^]]*\]")
        text = " ".join(render_progress(EVERY_EXECUTOR, width=at, color=False))
        return bars.sub("", text).split()

    assert words(width) == words(400)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_the_usual_run_stays_within_the_width(width: int) -> None:
    lines = render_progress(snapshot(scenario()), width=width, color=False)
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize(
    ("changes", "bar"),
    [
        ({"elapsed_ms": 0}, "[--------------------------------------]"),
        ({"elapsed_ms": 30_000}, "[======================================]"),
        ({"elapsed_ms": 99_000, "phase": "graceful_stop"}, "[" + "=" * 38 + "]"),
        ({"phase": "done"}, "[" + "=" * 38 + "]"),
        (
            {"phase": "done", "cut": True, "elapsed_ms": 15_000},
            "[" + "=" * 19 + ">" + "-" * 18 + "]",
        ),
        ({"phase": "waiting"}, "[" + "-" * 38 + "]"),
    ],
)
def test_the_bar_says_how_much_is_done(changes: dict[str, Any], bar: str) -> None:
    assert bar in render_progress(snapshot(scenario(**changes)), width=100, color=False)[1]


def test_without_connections_there_is_no_percentile() -> None:
    progress = snapshot(scenario())
    progress["live"]["connect_p95_ms"] = None
    assert "connect p95 -, errors 0" in render_progress(progress, width=100, color=False)[-1]


def test_a_run_without_scenarios_still_has_its_numbers() -> None:
    assert len(render_progress(snapshot(), width=100, color=False)) == 2


def test_plain_line_carries_the_percent_of_each_scenario() -> None:
    progress = snapshot(scenario(), scenario(name="later", phase="waiting"))
    assert render_plain(progress) == (
        "running (0m05.0s), 10/10 VUs, 45 complete and 0 interrupted iterations, "
        "default [  16% ], later [   0% ]"
    )


def test_opening_looks_as_agreed() -> None:
    banner = render_banner(
        version="0.1.0",
        script="chat.py",
        outputs=["json (out.json)", "csv"],
        dashboard="http://127.0.0.1:5665",
    )
    assert agrees("opening", f"{banner}\n{render_plan(PLAN)}")


def test_a_narrow_terminal_gets_a_plan_that_is_cut_between_words() -> None:
    narrow = render_plan(PLAN, width=60)
    assert max(map(len, narrow.splitlines())) <= 60
    assert narrow.split() == render_plan(PLAN).split()


def test_without_outputs_the_banner_says_so() -> None:
    assert "  output: -\n" in render_banner(version="0.1.0", script="chat.py").replace(
        "   output", "  output"
    )


def test_plan_says_the_part_of_the_test_and_what_is_needed_at_one_time() -> None:
    first = render_plan(PLAN, segment=0.125, max_vus=10).splitlines()[0]
    assert first.startswith("  scenarios: (12.50%) 2 scenarios, 10 max VUs, 11m0s max duration")


def test_a_rate_that_the_core_does_not_plan_is_the_mean_so_far() -> None:
    changes: dict[str, Any] = {"executor": "constant-arrival-rate", "started": 100}
    for more in ({}, {"rate": None}):
        line = render_progress(snapshot(scenario(**changes, **more)), width=160, color=False)[1]
        assert line.endswith("10/10 VUs  05.0s/30s  20.00 iters/s")


def test_plan_counts_one_scenario_in_the_singular() -> None:
    assert render_plan(PLAN[:1]) == (
        "  scenarios: (100.00%) 1 scenario, 10 max VUs, 1m0s max duration (incl. graceful stop):\n"
        "           * constant: 10 looping VUs for 30s (gracefulStop: 30s)\n"
    )


@pytest.mark.parametrize(("errors", "told"), [(0, ""), (3, ", 3 errors")])
def test_a_line_for_a_log_tells_of_errors_where_there_are_any(errors: int, told: str) -> None:
    assert render_plain(snapshot(scenario(), errors=errors)).endswith(
        f"45 complete and 0 interrupted iterations{told}, default [  16% ]"
    )
