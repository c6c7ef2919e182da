"""Each executor that follows a course or a timetable, and parts of a test, in short runs.

Exact numbers where k6 gives them; how the instants are computed is tested in Rust, without a clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import execution, sleep


def run(function: Callable[[], object], scenario: Any, **options: Any) -> k6ws.Result:
    result = k6ws.run(function, scenarios={"load": scenario}, **options)
    assert [(one.type, one.message) for one in result.exceptions] == []
    return result


def dropped(result: k6ws.Result) -> float:
    metric = result.metrics.get("dropped_iterations")
    return 0 if metric is None else metric.count


def test_ten_per_second_for_two_seconds_are_twenty_one_iterations() -> None:
    numbers: list[int] = []
    result = run(
        lambda: numbers.append(execution.scenario.iteration_in_test),
        {
            "executor": "constant-arrival-rate",
            "rate": 10,
            "duration": "2s",
            "preAllocatedVUs": 5,
        },
    )
    assert sorted(numbers) == list(range(21))
    assert result.metrics["iterations"].count == 21
    assert dropped(result) == 0


def test_starts_that_gather_are_all_made_and_counted_from_their_planned_time() -> None:
    numbers: list[int] = []
    result = run(
        lambda: numbers.append(execution.scenario.iteration_in_test),
        {
            "executor": "constant-arrival-rate",
            "rate": 2_000,
            "duration": "1s",
            # Enough for all that a machine which stands still for a moment has to make up for.
            "preAllocatedVUs": 2_001,
        },
        summary_trend_stats=["count", "min", "avg"],
    )
    assert sorted(numbers) == list(range(2_001))
    assert dropped(result) == 0
    lateness = result.metrics["iteration_lateness"]
    assert lateness.count == 2_001
    # Two gather: each second one waits for the next.
    assert lateness.min >= 0
    assert lateness.avg > 0.2


def test_starts_that_find_no_vu_are_dropped_as_in_k6(caplog: pytest.LogCaptureFixture) -> None:
    vus: set[int] = set()

    def half_a_second() -> None:
        vus.add(execution.vu.id_in_test)
        sleep(0.5)

    result = run(
        half_a_second,
        {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "duration": "2s",
            "preAllocatedVUs": 1,
            "maxVUs": 3,
        },
    )
    assert (result.metrics["iterations"].count, dropped(result)) == (12, 89)
    assert vus == {1, 2, 3}
    said = "Insufficient VUs in scenario load: all 3 that maxVUs allows are busy, so iterations are dropped"
    assert [record.getMessage() for record in caplog.records] == [said]


def test_vus_beyond_the_planned_ones_are_initialised_at_once_when_needed() -> None:
    # k6 initialises one at a time, and drops the starts that come meanwhile.
    result = run(
        lambda: sleep(1),
        {
            "executor": "ramping-arrival-rate",
            "startRate": 100,
            "stages": [{"duration": "500ms", "target": 100}],
            "preAllocatedVUs": 0,
            "maxVUs": 50,
        },
    )
    assert (result.metrics["iterations"].count, dropped(result)) == (50, 0)


def test_a_ramping_rate_starts_as_many_as_the_area_under_it() -> None:
    result = run(
        lambda: None,
        {
            "executor": "ramping-arrival-rate",
            "startRate": 0,
            "stages": [{"duration": "1s", "target": 60}, {"duration": "500ms", "target": 0}],
            "preAllocatedVUs": 10,
        },
    )
    assert (result.metrics["iterations"].count, dropped(result)) == (30 + 15, 0)


def test_ramping_vus_come_and_go_in_order() -> None:
    began: list[int] = []
    ended: list[int] = []

    def default() -> None:
        began.append(execution.vu.id_in_test)
        sleep(0.02)
        ended.append(execution.vu.id_in_test)

    result = run(
        default,
        {
            "executor": "ramping-vus",
            "startVUs": 0,
            "stages": [{"duration": "800ms", "target": 4}, {"duration": "800ms", "target": 0}],
        },
    )
    first = [began.index(vu) for vu in (1, 2, 3, 4)]
    last = [len(ended) - ended[::-1].index(vu) for vu in (4, 3, 2, 1)]
    assert first == sorted(first)
    assert last == sorted(last)
    assert result.metrics["iterations"].count == len(began) == len(ended)
    assert dropped(result) == 0


def test_without_a_ramp_down_iterations_are_cut_and_leave_no_sample() -> None:
    result = run(
        lambda: sleep(60),
        {
            "executor": "ramping-vus",
            "startVUs": 2,
            "stages": [{"duration": "400ms", "target": 0}, {"duration": "100ms", "target": 0}],
            "gracefulRampDown": "0s",
        },
    )
    assert "iterations" not in result.metrics
    assert result.to_dict()["run"]["iterations_interrupted"] == 2


def test_stages_at_the_top_level_are_a_ramp() -> None:
    scenarios: set[str] = set()

    def default() -> None:
        scenarios.add(execution.scenario.name)
        sleep(0.05)

    result = k6ws.run(default, stages=[{"duration": "300ms", "target": 3}])
    assert scenarios == {"default"}
    assert result.metrics["iterations"].count >= 6


@pytest.mark.parametrize(
    ("scenario", "ids", "iterations"),
    [
        (
            {"executor": "per-vu-iterations", "vus": 5, "iterations": 2},
            ({1, 3, 5}, {2}, {4}),
            (6, 2, 2),
        ),
        (
            {"executor": "shared-iterations", "vus": 5, "iterations": 12},
            ({1, 3, 5}, {2}, {4}),
            (7, 3, 2),
        ),
        (
            {
                "executor": "constant-arrival-rate",
                "rate": 11,
                "duration": "1s",
                "preAllocatedVUs": 4,
                "gracefulStop": "5s",
            },
            ({1, 3}, {2}, {4}),
            (6, 3, 3),
        ),
    ],
    ids=["per-vu", "shared", "arrival-rate"],
)
def test_parts_of_a_test_add_up_and_share_no_number(
    scenario: dict[str, Any], ids: tuple[set[int], ...], iterations: tuple[int, ...]
) -> None:
    numbers: list[int] = []
    counted: list[int] = []
    for part, expected in zip(("0:1/2", "1/2:3/4", "3/4:1"), ids, strict=True):
        seen: set[int] = set()

        def default(seen: set[int] = seen) -> None:
            seen.add(execution.vu.id_in_test)
            numbers.append(execution.scenario.iteration_in_test)
            # Long enough for every VU to get one of the shared iterations.
            sleep(0.02)

        result = run(
            default, scenario, execution_segment=part, execution_segment_sequence="0,1/2,3/4,1"
        )
        assert seen == expected
        counted.append(int(result.metrics["iterations"].count))
    assert tuple(counted) == iterations
    assert sorted(numbers) == list(range(sum(iterations)))


def test_a_part_that_has_nothing_to_do_ends_at_once() -> None:
    result = k6ws.run(lambda: None, vus=1, duration="1m", execution_segment="1/2:1")
    assert result.exit_code == 0
    assert "iterations" not in result.metrics
    warning = "nothing is run here: this execution segment has no VU"
    assert result.to_dict()["run"]["warnings"] == [warning]
