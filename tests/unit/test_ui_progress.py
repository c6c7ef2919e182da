"""What is said before and during a run; how it looks is in `test_ui_pictures`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import (
    Progress,
    ScenarioPlan,
    render_banner,
    render_plain,
    render_plan,
    render_progress,
)
from support.golden import agrees
from support.shown_runs import LIVE, scenario, snapshot

GOLDEN = Path(__file__).parent / "golden"


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


def test_the_usual_run_reads_like_k6_with_one_more_line() -> None:
    assert render_progress(snapshot(scenario()), width=100, color=False) == [
        "running (0m05.0s), 10/10 VUs, 45 complete and 0 interrupted iterations",
        "default   [======>-------------------------------] 10 VUs  05.0s/30s",
        "ws: 10 open, 1234 msgs/s in, 1230 msgs/s out, connect p95 1.2ms, errors 0",
    ]


@pytest.mark.parametrize("width", [1, 20, 30, 40, 60, 79, 80, 200])
def test_no_width_splits_a_number(width: int) -> None:
    bars_alone: Progress = {**LIVE}
    del bars_alone["figures"]

    def words(at: int) -> list[str]:
        bars = re.compile(r"\[[^]]*\]")
        text = " ".join(render_progress(bars_alone, width=at, color=False))
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
    assert agrees(GOLDEN / "opening.txt", f"{banner}\n{render_plan(PLAN)}")


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
