"""What was never measured has no figure, so that no assertion on it can pass."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

import k6ws
from k6ws.errors import K6Error, NoSamples
from k6ws.metrics import Counter, Gauge, Rate, Trend
from k6ws.summary import text_summary

TREND = ("avg", "min", "med", "max", "p(90)", "p(95)")


def named(**metrics: str) -> dict[str, Any]:
    """Thresholds that put a metric into the summary even without samples."""
    return {name: [{"threshold": text, "allowNoData": True}] for name, text in metrics.items()}


def run(**options: Any) -> k6ws.Result:
    return k6ws.run(lambda: None, vus=1, iterations=1, **options)


@pytest.mark.parametrize("thresholds", [{}, named(ws_ping="p(95)<200")])
@pytest.mark.parametrize("figure", TREND)
def test_a_trend_without_samples_has_no_figures(thresholds: Any, figure: str) -> None:
    metric = run(thresholds=thresholds).metrics["ws_ping"]
    assert metric.kind == "trend"
    with pytest.raises(NoSamples, match="the trend ws_ping has no ") as told:
        assert metric[figure] < 200
    assert isinstance(told.value, K6Error)
    assert isinstance(told.value, LookupError)
    assert "gives None" in told.value.hint
    assert (metric.get(figure), metric.get(figure, 7.0), figure in metric) == (None, 7.0, False)
    assert (len(metric), list(metric), dict(metric)) == (0, [], {})


def test_attributes_raise_as_well() -> None:
    metric: Any = run().metrics["ws_ping"]
    with pytest.raises(NoSamples):
        assert metric.avg < 200
    with pytest.raises(AttributeError, match="no figure 'average', only avg"):
        assert metric.average
    with pytest.raises(KeyError):
        assert metric["average"]


def test_declared_metrics_are_known_too_and_counts_are_counts() -> None:
    kept = [Counter("own_hits"), Gauge("own_depth"), Rate("own_good"), Trend("own_wait")]
    metrics = run().metrics
    assert (metrics["own_hits"].count, metrics["ws_closes"].count) == (0, 0)
    assert (metrics["own_good"].passes, metrics["own_good"].fails) == (0, 0)
    for name, figure in [("own_depth", "value"), ("own_good", "rate"), ("own_wait", "med")]:
        assert metrics[name].get(figure) is None
        with pytest.raises(NoSamples):
            assert metrics[name][figure] < 1
    assert [one.name in metrics for one in kept] == [False] * 4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ws_pign", "did you mean 'ws_ping'"),
        ("qqqqqqqq", "there is no metric 'qqqqqqqq'"),
        ("ws_ping{scenario:a}", "a part of a metric is there where a threshold names it"),
    ],
)
def test_a_name_that_is_no_metric_is_a_key_error(name: str, said: str) -> None:
    with pytest.raises(KeyError, match=said.replace("{", r"\{")):
        assert run().metrics[name]


def round_trip(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, round_trip])
def test_copies_know_the_same(copied: Any) -> None:
    metrics = copied(run(thresholds=named(ws_ping="max<1")).metrics)
    assert metrics["iterations"].count == 1
    for name in ("ws_ping", "ws_connecting"):
        with pytest.raises(NoSamples):
            assert metrics[name]["max"] < 1


def test_nothing_is_shown_as_zero() -> None:
    thresholds = named(
        ws_ping="p(95)<1", ws_active="value<1", checks="rate>0.5", ws_closes="count<1"
    )
    data = run(thresholds=thresholds, summary_trend_stats=["med", "p(99)", "count"]).to_dict()
    values = {name: metric["values"] for name, metric in data["metrics"].items()}
    assert values["ws_ping"] == {"med": None, "p(99)": None, "count": 0}
    assert values["ws_active"] == {"value": None, "min": None, "max": None}
    assert values["checks"] == {"rate": None, "passes": 0, "fails": 0}
    assert values["ws_closes"] == {"count": 0, "rate": 0}
    assert json.loads(json.dumps(data)) == data
    text = text_summary(data)
    rows = {line.split("...")[0].strip(): line.rpartition(": ")[2] for line in text.splitlines()}
    assert (rows["ws_ping"], rows["ws_active"]) == ("–", "–")
    # Checks and counters say it in the thresholds alone.
    assert not [
        line for line in text.splitlines() if line.startswith(("    checks_", "    ws_closes."))
    ]
    assert "✓ 'count<1' count=0" in text


def test_a_part_without_samples_has_no_figures_while_the_whole_has() -> None:
    part = "iteration_duration{scenario:other}"
    metrics = run(thresholds=named(**{part: "max<1"})).metrics
    assert metrics["iteration_duration"].max >= 0
    with pytest.raises(NoSamples, match="scenario:other"):
        assert metrics[part].max < 1
