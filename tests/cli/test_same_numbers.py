"""One run, told ten ways: every way says the same numbers.

The terminal, the result, its document, its table for pandas, Arrow and polars, JUnit XML, `--summary-export`,
`k6ws report`, the page, a notebook and the page of a GitHub step; of a run with WebSockets and TCP, requests
by name that fail and that do not, parts of metrics, thresholds that hold and that do not, checks, groups,
ends of sessions, failures, metrics of the script's own of every kind.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.told_ways import Told, cases
from support.untyped import pandas as pd
from support.untyped import pyarrow_compute as pc


def test_something_of_everything_happened(told: Told) -> None:
    assert told.result.exit_code == told.report.code == 99
    assert {one.ok for one in told.result.thresholds} == {True, False}
    assert told.result.metrics["ws_req_duration{name:say}"].count == 24
    assert told.result.metrics["tcp_reqs"].count == 20


def test_the_document_is_the_export_and_what_the_report_makes_of_a_file(told: Told) -> None:
    document = told.result.to_dict()
    assert json.loads(json.dumps(document)) == told.export
    assert document["exit_code"] == told.result.exit_code


def test_the_document_has_the_figures_of_the_result(told: Told) -> None:
    document = told.result.to_dict()
    assert document["metrics"].keys() == told.result.metrics.keys()
    for name, metric in told.result.metrics.items():
        values = document["metrics"][name]["values"]
        assert {figure: value for figure, value in values.items() if value is not None} == dict(
            metric
        )
    for one, known in zip(document["thresholds"], told.result.thresholds, strict=True):
        assert (one["value"], one["limit"], one["margin"], one["ok"]) == (
            *(known.value, known.limit, known.margin),
            known.ok,
        )


def rows(told: Told) -> list[dict[str, Any]]:
    return told.result.to_arrow().to_pylist()


def test_the_three_tables_are_one(told: Told) -> None:
    arrow, polars = told.result.to_arrow(), told.result.to_polars()
    pandas: Any = told.result.to_pandas()
    assert arrow.column_names == polars.columns == list(pandas.columns)
    assert polars.to_dicts() == arrow.to_pylist()
    for mine, theirs in zip(pandas.to_dict("records"), arrow.to_pylist(), strict=True):
        tags = {key: value for key, value in theirs.pop("tags").items() if value is not None}
        assert mine.pop("tags") == tags
        known = {key: None if pd.isna(value) else value for key, value in mine.items()}
        assert known == theirs


def test_the_rows_of_a_metric_come_to_its_figures(told: Told) -> None:
    table = rows(told)
    for name, metric in told.result.metrics.items():
        of_it = [row for row in table if row["metric"] == name]
        if "{" in name or not of_it:
            continue
        assert {row["kind"] for row in of_it} == {metric.kind}
        match metric.kind:
            case "counter":
                assert sum(row["count"] for row in of_it) == metric.count
            case "rate":
                assert sum(row["passes"] for row in of_it) == metric.passes
                assert sum(row["fails"] for row in of_it) == metric.fails
            case "gauge":
                assert min(row["min"] for row in of_it) == metric.min
                assert max(row["max"] for row in of_it) == metric.max
            case _:
                assert min(row["min"] for row in of_it) == metric.min
                assert max(row["max"] for row in of_it) == metric.max
                if len(of_it) == 1:
                    [row] = of_it
                    figures = (row["avg"], row["med"], row["p90"], row["p95"])
                    wanted = (metric.avg, metric.med, metric["p(90)"], metric["p(95)"])
                    assert figures == wanted
                    assert row["sum"] / row["count"] == pytest.approx(metric.avg)


def test_the_row_of_a_series_has_the_figures_of_its_part(told: Told) -> None:
    table = told.result.to_arrow()
    is_say = pc.equal(pc.struct_field(table["tags"], "name"), "say")
    is_duration = pc.equal(table["metric"], "ws_req_duration")
    [row] = table.filter(pc.and_(is_say, is_duration)).to_pylist()
    part = told.result.metrics["ws_req_duration{name:say}"]
    assert (row["count"], row["max"], row["p95"]) == (part.count, part.max, part["p(95)"])
    [(tags, values)] = told.result.series("ws_req_duration{name:say}")
    assert (tags["name"], values) == ("say", dict(part))


def test_junit_says_how_each_threshold_stands(told: Told) -> None:
    of_thresholds = cases(told, "thresholds")
    assert len(of_thresholds) == len(told.result.thresholds)
    for one in told.result.thresholds:
        is_passed, properties = of_thresholds[one.metric, one.expression]
        assert is_passed is one.ok
        for name, value in (("value", one.value), ("limit", one.limit), ("margin", one.margin)):
            assert (float(properties[name]) if properties[name] else None) == value
        assert properties["unit"] == one.unit


def test_junit_says_how_checks_and_scenarios_went(told: Told) -> None:
    of_checks = cases(told, "checks")
    for name, check in told.result.checks.items():
        [(is_passed, properties)] = [
            case for (_, known), case in of_checks.items() if known == name
        ]
        assert properties == {"passes": str(check.passes), "fails": str(check.fails)}
        assert is_passed is (check.fails == 0)
    scenarios = {one["name"]: one for one in told.export["scenarios"]}
    of_scenarios = cases(told, "scenarios")
    assert {name for _, name in of_scenarios} == {"talk", "lines", "fail"} == scenarios.keys()
    for (_, name), (is_passed, properties) in of_scenarios.items():
        counts = {key: str(scenarios[name][key]) for key in properties}
        assert properties == counts
        assert is_passed is (name != "fail")
    whole = sum(one["iterations"] for one in scenarios.values())
    assert whole == told.result.metrics["iterations"].count
    assert scenarios["fail"]["failed"] == told.result.metrics["iteration_failed"].passes == 2
