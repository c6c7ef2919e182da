"""The end-of-test summary, compared with golden files.

To accept a deliberate change, run with `K6WS_UPDATE_GOLDEN=1` and read the difference.
"""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui import render_summary
from k6ws._ui.format import format_number, format_percent, format_value
from k6ws._ui.sections import is_hidden, section_of

GOLDEN = Path(__file__).parent / "golden"
STATS = ["avg", "min", "med", "max", "p(90)", "p(95)"]


def trend(*values: float, contains: str = "time", **more: Any) -> dict[str, Any]:
    named = dict(zip(STATS, values, strict=True))
    return {"type": "trend", "contains": contains, "values": named, **more}


def counter(count: float, rate: float, contains: str = "default", **more: Any) -> dict[str, Any]:
    values = {"count": count, "rate": rate}
    return {"type": "counter", "contains": contains, "values": values, **more}


def gauge(value: float, low: float, high: float) -> dict[str, Any]:
    values = {"value": value, "min": low, "max": high}
    return {"type": "gauge", "contains": "default", "values": values}


def rate(passes: int, fails: int, **more: Any) -> dict[str, Any]:
    values = {"rate": passes / (passes + fails), "passes": passes, "fails": fails}
    return {"type": "rate", "contains": "default", "values": values, **more}


def check(path: str, passes: int, fails: int) -> dict[str, Any]:
    name = path.rpartition("::")[2]
    return {"name": name, "path": path, "id": "0", "passes": passes, "fails": fails}


def group(path: str, *checks: dict[str, Any], groups: list[Any] | None = None) -> dict[str, Any]:
    name = path.rpartition("::")[2]
    return {"name": name, "path": path, "id": "0", "groups": groups or [], "checks": list(checks)}


def summary_data(
    metrics: dict[str, Any], root_group: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    return {
        "root_group": root_group or group(""),
        "options": {"summaryTrendStats": STATS, "summaryTimeUnit": "", "noColor": False},
        "state": {"isStdOutTTY": True, "isStdErrTTY": True, "testRunDurationMs": 30_012.5},
        "metrics": metrics,
        **more,
    }


CHAT = summary_data(
    {
        "vus": gauge(9, 1, 10),
        "vus_max": gauge(10, 10, 10),
        "iterations": counter(451, 15.027072),
        "iteration_duration": trend(663.21, 601.5, 655.129, 1203.7, 702.999, 745.001),
        "dropped_iterations": counter(3, 0.099958),
        "data_received": counter(1_234_567, 41_135.09, "data"),
        "data_sent": counter(845, 28.15, "data"),
        "checks": rate(1323, 30, thresholds={"rate>0.99": {"ok": False}}),
        "checks{kind:smoke}": rate(7, 0, thresholds={"rate==1": {"ok": True}}),
        "group_duration": trend(11, 12, 13, 14, 15, 16),
        "ws_connecting": trend(1.2345, 0.4567, 1.1, 12.345, 2.5, 3.75),
        "ws_connecting{scenario:chat}": trend(1.5, 0.5, 1.25, 9.125, 2.25, 3.5),
        "ws_msgs_received": counter(45_100, 1502.707205),
        "ws_msgs_sent": counter(45_551, 1517.73),
        "ws_session_duration": trend(
            62_001,
            60_500,
            61_999,
            63_210,
            62_900,
            63_001,
            thresholds={"p(95)<62000": {"ok": False}, "avg<70000": {"ok": True}},
        ),
        "ws_sessions": counter(451, 15.03),
        "tcp_socket_connecting": trend(0.08, 0.04, 0.07, 0.9, 0.21, 0.35),
        "tcp_sockets": counter(20, 0.67),
        "ws_foo": counter(17, 0.57),
        "checks_foo": rate(3, 1),
        "iterations_x": gauge(0.1234567, -4, 6),
        "frame_size": trend(128.25, 64, 127, 4096, 256, 512, contains="data"),
    },
    group(
        "",
        check("::status is 101", 451, 0),
        check("::echo matches", 421, 30),
        groups=[
            group("::login", check("::login::token is present", 226, 0)),
            group("::logout", check("::logout::token is present", 225, 0)),
        ],
    ),
)


def silent(kind: str, *figures: str, **counts: int) -> dict[str, Any]:
    contains = "time" if kind == "trend" else "default"
    return {"type": kind, "contains": contains, "values": dict.fromkeys(figures) | counts}


def refusal(
    cause: str, status: int | None, count: int, *, hint: str = "", body: str = ""
) -> dict[str, Any]:
    message = "ws://chat.example/: websocket: bad handshake"
    return {
        "cause": cause,
        "status": status,
        "count": count,
        "message": message,
        "hint": hint,
        "body": body,
    }


def ended(code: int | None, name: str, by: str | None, reason: str | None, count: int) -> Any:
    return {"code": code, "name": name, "by": by, "reason": reason, "count": count}


ENDS = [
    ended(None, "", None, None, 7),
    ended(1006, "abnormal closure", "nobody", "unexpected EOF", 3),
    ended(1011, "internal server error", "server", "", 2),
    ended(4001, "", "server", "unauthorized", 37),
    ended(4001, "", "server", None, 1200),
    ended(4002, "", "us", "the script had enough", 1),
]

TROUBLED = summary_data(
    {
        "iterations": counter(96, 3.2),
        "queue_depth": silent("gauge", "value", "min", "max"),
        "retried": silent("rate", "rate", passes=0, fails=0),
        "ws_ping": silent("trend", *STATS),
        "ws_sessions": counter(128, 4.26),
    },
    run={
        "exceptions": [
            {
                "type": "KeyError",
                "where": "chat.py:40 in on_message",
                "message": "'user'",
                "count": 2,
            },
            {
                "type": "ValueError",
                "where": "chat.py:31 in on_message",
                "message": "frame \x1b[31m7\x1b[0m is not JSON:\r\nExpecting value: char 1",
                "count": 14,
                "hint": "catch it where the frame is read",
            },
        ],
        "connection_failures": [
            refusal(
                "handshake_status", 403, 5, hint="the server answered 403: it does not let us in"
            ),
            refusal(
                "handshake_status", 429, 117, body="quota of team ␛[31mblue exceeded, see the page"
            ),
            refusal("connect_refused", None, 27, hint="is the server running there?"),
        ],
        "session_failures": [refusal("eof", None, 3)],
        "session_ends": ENDS,
        "iterations_interrupted": 4,
        "vus_leaked": 1,
        "warnings": ["1,003 time series on ws_sessions; further tag values count as __other__"],
        "trustworthy": False,
        "reasons": ["CPU at 97.5 %", "VU loop lag p99 was 38 ms"],
    },
)

FULL: dict[str, Any] = CHAT | {
    "run": {
        "session_ends": ENDS[2:4],
        "connection_failures": [refusal("dns", None, 2, hint="is the name right?")],
        "breakdown": [
            {
                "name": "",
                "checks": [],
                "metrics": {},
                "groups": [
                    {
                        "name": "setup",
                        "checks": [],
                        "groups": [],
                        "metrics": {"data_sent": counter(845, 28.15, "data")},
                    }
                ],
            },
            {
                "name": "chat",
                "checks": [{"name": "status is 101", "passes": 451, "fails": 3}],
                "metrics": {
                    "checks": rate(451, 3),
                    "iterations": counter(451, 15.027072),
                    "ws_ping": trend(1.2, 0.4, 1.1, 12.3, 2.5, 3.7),
                },
                "groups": [
                    {
                        "name": "login",
                        "checks": [],
                        "groups": [],
                        "metrics": {"ws_ping": trend(1.2, 0.4, 1.1, 12.3, 2.5, 3.7)},
                    }
                ],
            },
        ],
    }
}

CASES: dict[str, dict[str, Any]] = {
    "chat": CHAT,
    "troubled": TROUBLED,
    "empty": summary_data({}),
    "full": FULL,
}


@pytest.mark.parametrize("color", [False, True], ids=["plain", "color"])
@pytest.mark.parametrize("width", [60, 160])
@pytest.mark.parametrize("case", CASES)
def test_summary_looks_as_agreed(case: str, width: int, color: bool) -> None:
    text = render_summary(CASES[case], width=width, color=color)
    golden = GOLDEN / f"summary_{case}_{width}_{'color' if color else 'plain'}.txt"
    if os.environ.get("K6WS_UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [20, 60, 80, 160])
@pytest.mark.parametrize("case", CASES)
def test_colour_changes_nothing_but_colour(case: str, width: int) -> None:
    coloured = render_summary(CASES[case], width=width, color=True)
    plain = render_summary(CASES[case], width=width, color=False)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b" not in plain


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("case", CASES)
def test_lines_stay_within_the_width(case: str, width: int) -> None:
    text = render_summary(CASES[case], width=width, color=False)
    assert [line for line in text.splitlines() if len(line) > width] == []


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
    assert lines[-2:] == [f"    {name}:", " " * 32 + "123456 4115.2/s"]


def test_names_cannot_drive_the_terminal() -> None:
    root = group("", check("::\x1b[2Jgone\r\nnew\u202eline \x07\ud800", 0, 1))
    text = render_summary(summary_data({}, root), width=80, color=False)
    assert "    ✗ gone newline ?\n" in text
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
