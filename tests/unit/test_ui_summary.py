"""The end-of-test summary; how it looks is in `test_ui_pictures`."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import render_summary
from k6ws._ui.format import format_number, format_percent, format_value
from k6ws._ui.sections import is_hidden, section_of
from support.shown_runs import (
    CHAT,
    TROUBLED,
    check,
    counter,
    group,
    summary_data,
    trend,
)


@pytest.mark.parametrize("width", [20, 60, 160])
def test_every_number_in_the_data_appears(width: int) -> None:
    text = " ".join(render_summary(CHAT, width=width, color=False).split())
    missing: list[str] = []
    for name, metric in CHAT["metrics"].items():
        if name.startswith(("checks{", "group_duration")):
            continue
        kind, contains, values = metric["type"], metric["contains"], metric["values"]
        if kind == "rate":
            total = format_number(values["passes"] + values["fails"])
            share = format_percent(values["rate"])
            expected = [f"{share} {format_number(values['passes'])} out of {total}"]
        elif kind == "counter":
            amount = format_value(values["count"], contains)
            expected = [f"{amount} {format_value(values['rate'], contains)}/s"]
        else:
            expected = [
                f"{key}={format_value(value, contains)}".removeprefix("value=")
                for key, value in values.items()
            ]
        missing += [f"{name}: {number}" for number in expected if number not in text]
    assert missing == []


@pytest.mark.parametrize("width", [20, 60, 160])
def test_every_number_of_the_run_appears(width: int) -> None:
    text = render_summary(TROUBLED, width=width, color=False)
    for number in (
        *("16", "14", "2", "149", "27", "5", "4", "1", "1,003", "97.5", "38", "403", "117", "429"),
        *("1200", "37", "7", "3", "4001", "1011"),
    ):
        assert re.search(rf"(?<![\w.,]){re.escape(number)}(?![\w,])", text), number


def test_script_metrics_are_neither_hidden_nor_moved_by_their_prefix() -> None:
    text = render_summary(CHAT, width=160, color=False)
    custom = text[text.index("    CUSTOM") : text.index("    EXECUTION")]
    for name in ("checks_foo", "frame_size", "iterations_x", "ws_foo"):
        assert f"    {name}." in custom
    assert "group_duration" not in text


def test_thresholds_show_the_judged_value_even_if_it_is_no_summary_statistic() -> None:
    verdicts = {"p(99)<5": {"ok": False, "value": 7.25}, "max<9": {"ok": True, "value": None}}
    data = summary_data({"ws_ping": trend(1, 1, 1, 1, 1, 1, thresholds=verdicts)})
    text = render_summary(data, width=80, color=False)
    assert "✗ 'p(99)<5' p(99)=7.25ms" in text
    assert "✓ 'max<9' no data" in text


def test_spaces_in_a_threshold_change_neither_its_place_nor_its_value() -> None:
    verdicts = {" p( 99 ) < 5 over 10s": {"ok": False, "value": 7.25}}
    part = trend(1, 1, 1, 1, 1, 1, thresholds=verdicts)
    data = summary_data({"ws_ping": trend(1, 1, 1, 1, 1, 1), "ws_ping { scenario:a }": part})
    text = render_summary(data, width=80, color=False)
    assert "✗ 'p( 99 ) < 5 over 10s' p( 99 )=7.25ms" in text
    assert "\n      { scenario:a }" in text[text.index("    WEBSOCKET") :]


def test_a_fixed_time_unit_applies_to_every_time() -> None:
    data = copy.deepcopy(CHAT)
    data["options"]["summaryTimeUnit"] = "s"
    text = render_summary(data, width=160, color=False)
    assert "avg=0.66s min=0.60s med=0.65s max=1.20s p(90)=0.70s p(95)=0.74s" in text
    assert "p(95)=63.00s" in text


def test_only_the_chosen_trend_statistics_appear_in_the_chosen_order() -> None:
    data = summary_data({"ws_ping": trend(1, 2, 3, 4, 5, 6)})
    data["metrics"]["ws_ping"]["values"] = {"max": 4.0, "count": 12, "avg": 1.0}
    data["options"]["summaryTrendStats"] = ["count", "max"]
    assert "ws_ping...: count=12 max=4ms\n" in render_summary(data, width=80, color=False)


def test_a_label_wider_than_its_column_keeps_its_values() -> None:
    name = "time_until_the_first_message_of_the_day_arrives"
    data = summary_data({name: counter(123_456, 4115.2)})
    lines = render_summary(data, width=60, color=False).splitlines()
    assert lines[-2:] == [f"    {name}:", " " * 32 + "123456 4115/s"]


def test_names_cannot_drive_the_terminal() -> None:
    root = group("", check("::\x1b[2Jgone\r\nnew\u202eline \x07\ud800", 0, 1))
    text = render_summary(summary_data({}, root), width=80, color=False)
    assert "    ✗ ␛[2Jgone newline ␇?\n" in text
    assert text.encode("utf-8")


def test_a_trusted_run_without_errors_says_nothing_about_them() -> None:
    run: dict[str, Any] = {
        "exceptions": [],
        "connection_failures": [],
        "warnings": [],
        "trustworthy": True,
    }
    with_run = render_summary(CHAT | {"run": run}, width=80, color=False)
    assert with_run == render_summary(CHAT, width=80, color=False)


def test_every_built_in_metric_has_its_section() -> None:
    table = (Path(__file__).parents[2] / "src" / "metrics" / "builtin.rs").read_text()
    names = re.findall(r'^    row\(\w+, "(\w+)"', table, re.MULTILINE)
    assert len(names) > 30
    assert [name for name in names if section_of(name) == "CUSTOM" and not is_hidden(name)] == []


def test_requests_are_shown_by_name_below_their_metric() -> None:
    ask = trend(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    data: dict[str, Any] = {
        "metrics": {"ws_req_duration": ask, "ws_req_duration{name:ask}": ask},
        "run": {"requests": {"ws_req_duration{name:say}": ask, "ws_req_duration{name:ask}": ask}},
        "options": {"summaryTrendStats": ["max"]},
    }
    text = render_summary(data, width=80, color=False)
    rows = [line.split(":", 1)[0].strip(" .") for line in text.splitlines() if "{ name" in line]
    # One that a threshold looks at as well is shown once.
    assert [row.split(".")[0] for row in rows] == ["{ name", "{ name"]
    assert text.index("ws_req_duration") < text.index("name:ask") < text.index("name:say")
