"""Random samples under odd tags: summary, result, thresholds and the JSON output tell the same numbers."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import metrics

ODD = ["a", "b", "ü", "x:y", "a,b", "{}", "", " ", "'\"", "\n"]
VALUES = [0.0, -0.0, 1, -1, 0.1, 0.2, 5e-324, 1e-9, 2**53, 2**53 + 1, 10 / 3, 1e16]
SELECTED = ["", "{t:a}", "{t:ü}", "{t:x:y}", "{t:}"]
HARMLESS = {
    "trend": "avg<1e300",
    "counter": "count>-1e300",
    "rate": "rate>=0",
    "gauge": "value<1e300",
}

Samples = list[tuple[float, dict[str, str]]]


def is_low(value: float) -> bool:
    return value < 0.5


def percentile(values: list[float], rank: float) -> float:
    place = rank / 100 * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def trend(values: list[float]) -> dict[str, Any]:
    ordered = sorted(values)
    return {
        "avg": pytest.approx(math.fsum(values) / len(values), rel=1e-9),
        "min": ordered[0],
        "max": ordered[-1],
        "med": pytest.approx(percentile(ordered, 50), rel=1e-15, abs=0),
        "p(90)": pytest.approx(percentile(ordered, 90), rel=1e-15, abs=0),
        "p(95)": pytest.approx(percentile(ordered, 95), rel=1e-15, abs=0),
        "count": len(values),
    }


def counter(values: list[float]) -> dict[str, Any]:
    return {"count": pytest.approx(math.fsum(values), rel=1e-12)}


def rate(values: list[float]) -> dict[str, Any]:
    passes = sum(map(bool, values))
    return {"passes": passes, "fails": len(values) - passes, "rate": passes / len(values)}


def gauge(values: list[float]) -> dict[str, Any]:
    return {"value": values[-1], "min": min(values), "max": max(values)}


ADDED_UP: dict[str, Callable[[list[float]], dict[str, Any]]] = {
    "trend": trend,
    "counter": counter,
    "rate": rate,
    "gauge": gauge,
}


def samples_of(path: Path) -> dict[str, Samples]:
    found: dict[str, Samples] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if one["type"] == "Point":
            found[one["metric"]].append((one["data"]["value"], one["data"]["tags"]))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_way_to_the_numbers_tells_the_same(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    mine = {
        "my_counter": metrics.Counter("my_counter"),
        "my_gauge": metrics.Gauge("my_gauge"),
        "my_trend": metrics.Trend("my_trend", is_time=True),
    }
    flags = metrics.Rate("my_rate")

    def default() -> None:
        for _ in range(chance.randrange(1, 40)):
            tags = {"t": chance.choice(ODD)} if chance.random() < 0.7 else None
            value = chance.choice(VALUES) if chance.random() < 0.5 else chance.uniform(-1e6, 1e6)
            for metric in mine.values():
                metric.add(value, tags)
            flags.add(chance.choice([True, False, 0, 1]), tags)
            k6ws.check(chance.random(), {"low": is_low, "ü": True}, tags)

    kinds = {"my_counter": "counter", "my_gauge": "gauge", "my_trend": "trend", "my_rate": "rate"}
    thresholds: dict[str, list[str | k6ws.Threshold]] = {
        f"{name}{selector}": [{"threshold": HARMLESS[kind], "allowNoData": True}]
        for name, kind in {**kinds, "checks": "rate"}.items()
        for selector in SELECTED
    }
    out = tmp_path / "samples.json"
    result = k6ws.run(
        default,
        vus=3,
        iterations=30,
        thresholds=thresholds,
        out=[f"json={out}"],
        summaryTrendStats=["avg", "min", "med", "max", "p(90)", "p(95)", "count"],
    )
    assert result.exit_code == 0
    samples = samples_of(out)
    told = result.to_dict()["metrics"]
    assert {f"{name}{selector}" for name in kinds for selector in SELECTED} <= set(told)
    for name, metric in told.items():
        base, _, selector = name.partition("{")
        values = [
            value
            for value, tags in samples[base]
            if not selector or tags.get("t") == selector[2:-1]
        ]
        expected = ADDED_UP[metric["type"]](values)
        got = {key: metric["values"][key] for key in expected}
        assert got == expected, f"seed {seed}, {name}"
        for key, value in got.items():
            attribute = key.replace("p(", "p").rstrip(")")
            figures: Any = result.metrics[str(base)]
            if not selector and hasattr(figures, attribute):
                assert getattr(figures, attribute) == value, f"seed {seed}, {name}"


def test_ten_thousand_values_of_a_tag_add_up_and_the_selected_one_is_found() -> None:
    metric = metrics.Counter("of_many")

    def default() -> None:
        for number in range(10_000):
            metric.add(number, {"n": str(number)})

    selected: dict[str, list[str | k6ws.Threshold]] = {
        "of_many{n:9999}": ["count==9999"],
        "of_many{n:99*}": ["count==1004994"],
        "of_many{n!=5000}": ["count==49990000"],
        "of_many{n:nobody}": ["count>0"],
    }
    result = k6ws.run(
        default, iterations=1, vus=1, thresholds={"of_many": ["count==49995000"], **selected}
    )
    verdicts = {
        name: [one["ok"] for one in told["thresholds"].values()]
        for name, told in result.to_dict()["metrics"].items()
        if told.get("thresholds")
    }
    assert verdicts == {
        "of_many": [True],
        "of_many{n:9999}": [True],
        "of_many{n:99*}": [True],
        "of_many{n!=5000}": [True],
        "of_many{n:nobody}": [False],
    }
    assert result.exit_code == 99
    # Beyond a thousand they are counted together, but for those that a threshold tells apart.
    assert len(result.series("of_many")) <= 1004
