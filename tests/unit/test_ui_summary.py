"""The end-of-test summary; how it looks is in `test_ui_pictures`."""

from __future__ import annotations

import copy
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import render_summary, render_verdict
from k6ws._ui.format import format_number, format_percent, format_value
from k6ws._ui.sections import is_hidden, section_of
from k6ws._ui.text import columns, shown_name
from support.shown_runs import (
    CHAT,
    TROUBLED,
    check,
    counter,
    ended,
    group,
    rate,
    refusal,
    stands,
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
    verdicts = stands("p(99)", "<", 5, 7.25, ok=False) | stands("max", "<", 9, None, ok=True)
    data = summary_data({"ws_ping": trend(1, 1, 1, 1, 1, 1, thresholds=verdicts)})
    text = render_summary(data, width=80, color=False)
    assert "✗ 'p(99)<5' p(99)=7.25ms" in text
    assert "✓ 'max<9' no data" in text


def test_spaces_in_a_threshold_change_neither_its_place_nor_its_value() -> None:
    [how] = stands("p(99)", "<", 5, 7.25, ok=False, window="10s").values()
    verdicts = {" p( 99 ) < 5 over 10s": how}
    part = trend(1, 1, 1, 1, 1, 1, thresholds=verdicts)
    data = summary_data({"ws_ping": trend(1, 1, 1, 1, 1, 1), "ws_ping { scenario:a }": part})
    text = render_summary(data, width=80, color=False)
    assert "✗ 'p( 99 ) < 5 over 10s' p(99)=7.25ms" in text
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
    assert "    ✗ ␛[2Jgone␍␊new\\u202eline ␇\\ud800\n" in text
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


def test_requests_by_name_are_a_table_with_what_failed() -> None:
    requests: dict[str, Any] = {
        "ws_req_duration{name:say}": trend(1.0, 1.0, 1.0, 1.0, 1.0, 2.5),
        "ws_req_failed{name:say}": rate(3, 5) | {"errors": {"closed": 1, "timeout": 2}},
        "ws_req_duration{name:a{b,c:d}}": trend(1.0, 1.0, 1.0, 1.0, 1.0, 4.0),
        "ws_req_failed{name:a{b,c:d}}": rate(0, 4),
        "tcp_req_failed{name:say}": rate(2, 0) | {"errors": {"cut": 2}},
    }
    data = summary_data({"ws_req_duration": trend(1, 1, 1, 1, 1, 1)}, run={"requests": requests})
    data["options"]["summaryTrendStats"] = ["p(95)"]
    text = render_summary(data, width=80, color=False)
    block = text[text.index("  █ REQUESTS BY NAME") :].splitlines()
    assert block == [
        "  █ REQUESTS BY NAME",
        "",
        "    request      made     failed  p(95)",
        "    ws say          8  3 (37.5%)  2.5ms",
        "      ↳ timeout: 2, closed: 1",
        "    ws a{b,c:d}     4               4ms",
        "    tcp say         2   2 (100%)      –",
        "      ↳ cut: 2",
    ]
    # Their rows are not repeated where metrics are.
    assert text.count("{ name:") == 0


def test_where_no_request_failed_nothing_is_said_of_failures() -> None:
    requests = {"ws_req_failed{name:say}": rate(0, 5), "ws_req_failed{name:join}": rate(0, 2)}
    text = render_summary(summary_data({}, run={"requests": requests}), width=80, color=False)
    assert "failed" not in text[text.index("REQUESTS BY NAME") :]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_table_of_requests_stays_within_the_width_and_keeps_what_was_asked_most(
    width: int,
) -> None:
    text = render_summary(TROUBLED, width=width, color=False)
    block = text[text.index("  █ REQUESTS BY NAME") :]
    table = block[: block.index("\n\n\n")].splitlines()
    assert all(columns(line) <= width for line in table)
    assert "p(95)" in table[2]
    assert ("min" in table[2]) is (width >= 80)


HOSTILE = [
    "line\none\r\ntab\tbell\x07escape\x1b[31m delete\x7f",
    "next\x85line paragraph\u2028separators\u2029here",
    "\u202eright to left\u202c \u2066isolated\u2069",
    "zero\u200bwidth\ufeff",
    "\x1b]8;;http://192.0.2.1/\x07link\x1b]8;;\x07",
    "\x9b2J\x90q\x9c",
    "\ud800 lone",
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 é̸̢̛͓ ﷽",
    " ",
    "long " + "x" * 100_000,
]


def hostile_data(text: str) -> dict[str, Any]:
    """Of a run in which everybody says this wherever they may."""
    failure = refusal("dns", None, 3, hint=text, body=text) | {"message": text}
    one = trend(1, 1, 1, 1, 1, 1, thresholds=stands("max", "<", 1, 2, ok=False))
    requests = {f"ws_req_failed{{name:{text}}}": rate(1, 1) | {"errors": {"timeout": 1}}}
    breakdown: list[Any] = [
        {
            "name": text,
            "checks": [],
            "metrics": {},
            "groups": [
                {
                    "name": text,
                    "checks": [{"name": text, "passes": 1, "fails": 1}],
                    "groups": [],
                    "metrics": {},
                }
            ],
        }
    ]
    return summary_data(
        {f"own{{tag:{text}}}": one, "own": one},
        group(
            "",
            check(f"::{text}", 1, 2),
            groups=[group(f"::{text}", check(f"::{text}::{text}", 1, 2))],
        ),
        run={
            "exit_code": 108,
            "end_message": text,
            "breakdown": breakdown,
            "requests": requests | {"ws_req_failed{name:say}": rate(0, 1)},
            "exceptions": [
                {"type": text, "where": text, "message": text, "count": 1, "hint": text}
            ],
            "connection_failures": [failure],
            "session_failures": [failure],
            "session_ends": [ended(4001, "", "server", text, 2)],
            "left_open": [{"where": text, "count": 1}],
            "warnings": [text],
            "trustworthy": False,
            "reasons": [text],
        },
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_what_a_script_or_a_peer_says_moves_nothing(text: str) -> None:
    drawn = render_summary(hostile_data(text), width=80, color=False)
    verdict = render_verdict(hostile_data(text), color=False)
    assert not [
        one
        for one in drawn.replace("\n", "") + verdict
        if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}
        or one in "\u202e\u202c\u2066\u2069"
    ]
    # A line end of theirs ends no line of ours: each line is one that we have begun.
    assert len(drawn.splitlines()) == len(drawn.split("\n")) - 1
    assert all(line[:2] in {"", "  "} for line in drawn.splitlines())
    assert (drawn + verdict).encode("utf-8")


def test_long_names_and_texts_are_cut() -> None:
    drawn = render_summary(hostile_data("y" * 100_000), width=80, color=False)
    assert max(len(run) for run in re.findall("y+", drawn)) <= 2000
    assert len(drawn) < 30_000
    verdict = render_verdict(hostile_data("y" * 100_000), color=False)
    assert len(verdict) < 5_000


def test_two_names_never_look_alike() -> None:
    names = ["a b", "a\nb", "a\tb", "a\r\nb", "a\u202eb", "ab", "a\x00b", " ", "  ", "a\u200bb"]
    assert len({shown_name(name) for name in names}) == len(names)
    assert shown_name(" ") == "␠"
    assert shown_name("a\nb") == "a␊b"
    assert shown_name("x" * 200) == "x" * 200
    assert shown_name("x" * 201) == "x" * 200 + "…"
    assert shown_name("\u202e" * 100) == ("\\u202e" * 100)[:200] + "…"
