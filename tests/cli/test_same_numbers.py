"""One run, told eight ways: every way says the same numbers.

The terminal, the result, its document, its table for pandas, Arrow and polars, JUnit XML, `--summary-export`,
`k6ws report` and the page of a GitHub step; of a run with WebSockets and TCP, requests by name, thresholds
that hold and that do not, checks, groups, metrics of the script's own.
"""

from __future__ import annotations

import json
import re
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

import k6ws as library
from k6ws import _core
from support.command import Done, k6ws
from support.untyped import pandas as pd
from support.untyped import pyarrow_compute as pc

SCRIPT = """
    from k6ws import check, env, execution, group, tcp, ws
    from k6ws.correlate import in_order
    from k6ws.framing import lines
    from k6ws.metrics import Counter, Gauge, Rate, Trend

    own, sizes, depth = Trend("own", is_time=True), Trend("sizes"), Gauge("depth")
    share, words = Rate("share"), Counter("words")
    options = {
        "scenarios": {
            "talk": {"executor": "shared-iterations", "vus": 3, "iterations": 24, "exec": "talk"},
            "lines": {"executor": "per-vu-iterations", "vus": 2, "iterations": 5, "exec": "lines_of_text"},
            "fail": {"executor": "per-vu-iterations", "vus": 1, "iterations": 2, "exec": "fail"},
        },
        "thresholds": {
            "ws_req_duration{name:say}": ["p(95)<5000", "max<0.0001"],
            "tcp_req_duration": ["med<5000"],
            "own": ["avg<1", "p(99.9)<100"],
            "sizes": ["max<=23"],
            "depth": ["value>=0"],
            "share": ["rate>0.2"],
            "words": ["count>40", "rate>1000000"],
            "data_sent": ["count>10"],
            "checks": ["rate>0.99"],
            "ws_ping": ["p(95)<100"],
        },
        "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)", "count"],
    }


    def talk():
        number = execution.scenario.iteration_in_test
        with ws.open(env["URL"], correlate=in_order()) as session:
            for name in ("say", "sing"):
                session.request(f"{name} {number}", name)
        is_even = number % 2 == 0
        group("outer", lambda: group("inner", lambda: check(number, {"is even": is_even})))
        check(number, {"is small": lambda n: n < 20, "is a | number": True})
        own.add(number / 7, {"kind": "even" if is_even else "odd"})
        sizes.add(number)
        depth.add(number)
        share.add(number % 3 == 0)
        words.add(2)


    def lines_of_text():
        with tcp.open("127.0.0.1", int(env["PORT"]), framing=lines(), correlate=in_order()) as session:
            session.request("hello", "greet")
            session.request("bye", "leave")


    def fail():
        ws.connect("ws://127.0.0.1:9/nobody", lambda socket: None)
        raise ValueError("on purpose")
"""
TIMES = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
SIZES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}


@dataclass
class Told:
    """What the ways said."""

    result: library.Result
    report: Done
    export: dict[str, Any]
    junit: ET.Element
    page: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("run")
    script, kept = folder / "script.py", folder / "run.k6ws"
    script.write_text(textwrap.dedent(SCRIPT))
    echo, tcp = _core.EchoServer("127.0.0.1", 0), _core.EchoServer("127.0.0.1", 0, None, "tcp")
    port = tcp.url().rstrip("/").rpartition(":")[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("URL", echo.url())
        patch.setenv("PORT", port)
        result = library.run(script, out=[f"snapshots={kept}"])
    echo.stop()
    tcp.stop()
    export, junit, page = folder / "run.json", folder / "run.xml", folder / "page.md"
    words = ("--summary-export", export, "--junit", junit)
    report = k6ws("report", kept, *words, variables={"GITHUB_STEP_SUMMARY": str(page)})
    return Told(
        result,
        report,
        json.loads(export.read_text()),
        ET.fromstring(junit.read_text()),
        page.read_text(),
    )


def number(text: str) -> float:
    """The number that a text shows: `12.6ms`, `1m30s`, `75.00%`, `29 kB`, `1234`, `3.5/s`."""
    plain = text.removesuffix("/s").strip()
    if plain.endswith("%"):
        return float(plain[:-1]) / 100
    if size := re.fullmatch(r"([-\d.]+) ([kMG]?B)", plain):
        return float(size[1]) * SIZES[size[2]]
    if parts := re.fullmatch(r"(-?)((?:[\d.]+(?:ns|µs|ms|h|m|s))+)", plain):
        each = re.findall(r"([\d.]+)(ns|µs|ms|h|m|s)", parts[2])
        return (-1 if parts[1] else 1) * sum(float(one) * TIMES[unit] for one, unit in each)
    return float(plain)


def is_shown_as(value: float, text: str) -> bool:
    """Whether a text shows a number: three digits, of sizes two, rounded or cut in the last place."""
    digits = 0.1 if text.removesuffix("/s").endswith("B") else 0.01
    return number(text) == pytest.approx(value, rel=digits, abs=1e-6)


def observed(text: str) -> dict[str, str]:
    """Figures in a line of text, by name."""
    return dict(re.findall(r"([a-z]+(?:\([\d.]+\))?)=(\S+(?: [kMG]?B(?:/s)?)?)", text))


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


def cases(told: Told, suite: str) -> dict[tuple[str, str], tuple[bool, dict[str, str]]]:
    """Of each case whether it passed, and its properties."""
    found = told.junit.find(f"testsuite[@name='{suite}']")
    assert found is not None
    return {
        (case.attrib["classname"], case.attrib["name"]): (
            case.find("failure") is None,
            {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")},
        )
        for case in found.iter("testcase")
    }


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


def test_the_terminal_shows_thresholds_and_figures(told: Told) -> None:
    text = told.report.out
    for one in told.result.thresholds:
        [line] = [line for line in text.splitlines() if f"'{one.expression}'" in line]
        assert line.strip().startswith("✓" if one.ok else "✗")
        if one.value is None:
            assert "no data" in line
        else:
            assert is_shown_as(one.value, observed(line.partition("' ")[2])[one.figure]), line
    shown = 0
    for name in ("own", "sizes", "iteration_duration", "ws_session_duration"):
        [line] = [line for line in text.splitlines() if re.match(rf"    {name}\.*:", line)]
        for figure, value in observed(line).items():
            assert is_shown_as(told.result.metrics[name][figure], value), line
            shown += 1
    assert shown >= 16
    check_share(text, told.result.metrics["checks"])


def check_share(text: str, checks: Mapping[str, float]) -> None:
    [line] = [line for line in text.splitlines() if "checks_succeeded" in line]
    percent, passes, total = re.findall(r"([\d.]+%) (\d+) out of (\d+)", line)[0]
    assert int(passes) == checks["passes"]
    assert int(total) == checks["passes"] + checks["fails"]
    assert is_shown_as(checks["rate"], percent)


def test_the_page_of_a_step_shows_them_too(told: Told) -> None:
    lines = [re.sub(r"\\(.)", r"\1", line) for line in told.page.splitlines()]
    table = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines
        if line.startswith("| ")
    ]
    by_first = {cells[0].strip(): cells for cells in table}
    for one in told.result.thresholds:
        _, mark, seen = by_first[f"{one.metric}: {one.expression}"]
        assert mark == ("✓" if one.ok else "✗")
        if one.value is not None:
            assert is_shown_as(one.value, observed(seen)[one.figure])
    own = by_first["own"]
    for figure, value in observed(" ".join(own[1:])).items():
        assert is_shown_as(told.result.metrics["own"][figure], value)
    for one in told.export["scenarios"]:
        counts = [one[key] for key in ("iterations", "failed", "interrupted", "dropped")]
        assert by_first[one["name"]][1:] == list(map(str, counts))


def test_str_is_what_the_report_prints(told: Told) -> None:
    narrow = {line.strip() for line in str(told.result).splitlines() if "✓" in line or "✗" in line}
    wide = {line.strip() for line in told.report.out.splitlines() if "✓" in line or "✗" in line}
    assert narrow == wide
    assert str(told.result).splitlines()[-1] == told.report.out.splitlines()[-1]
