"""Runs as the terminal shows them, as data: what golden files and the pictures of the pages are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from k6ws._ui import Progress, ScenarioProgress
from k6ws._ui.figures import Asked, Figures, Standing

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


def stands(
    figure: str,
    operator: str,
    limit: float | None,
    value: float | None,
    *,
    ok: bool,
    unit: str = "ms",
    window: str = "",
    undecided: bool = False,
) -> dict[str, Any]:
    """How one threshold stands, under its expression, as the core says it."""
    over = f" over {window}" if window else ""
    return {
        f"{figure}{operator}{limit}{over}": {
            "ok": ok,
            "value": value,
            "figure": figure,
            "operator": operator,
            "limit": limit,
            "margin": None,
            "unit": unit,
            "window": window,
            "undecided": undecided,
        }
    }


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
        "checks": rate(
            1323, 30, thresholds=stands("rate", ">", 0.99, 1323 / 1353, ok=False, unit="")
        ),
        "checks{kind:smoke}": rate(7, 0, thresholds=stands("rate", "==", 1, 1, ok=True, unit="")),
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
            thresholds=stands("p(95)", "<", 62000, 63_001, ok=False)
            | stands("avg", "<", 70000, 62_001, ok=True),
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
        # What is zero has no row.
        "data_sent": counter(0, 0.0, "data"),
        "iteration_failed": rate(0, 96),
        "ws_active": gauge(0, 0, 0),
        "ws_req_blocked": trend(0, 0, 0, 0, 0, 0),
        "ws_dns": trend(0.0016, 0.0004, 0.0013, 8.05, 0.0029, 0.0046),
        "ws_tcp": trend(0.3, 0.02, 0.07, 7.4, 0.1, 0.3),
        "ws_msgs_unhandled": counter(473, 15.8),
        "ws_msgs_dropped": counter(12, 0.4),
    },
    run={
        "exit_code": 99,
        "left_open": [{"where": "hang.py:6", "count": 2}, {"where": "", "count": 1}],
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
        "requests": {
            "ws_req_duration{name:join}": trend(5.5, 1.25, 4.5, 91, 8.75, 12.125),
            "ws_req_failed{name:join}": rate(0, 1204),
            "ws_req_duration{name:say}": trend(21, 1.5, 14, 1203.7, 51, 62.25),
            "ws_req_failed{name:say}": rate(31, 900)
            | {"errors": {"closed": 2, "timeout": 28, "check": 1}},
            "ws_req_failed{name:}": rate(2, 0) | {"errors": {"cut": 2}},
        },
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


def snapshot(
    *scenarios: ScenarioProgress, errors: int = 0, figures: Figures | None = None
) -> Progress:
    more: dict[str, Any] = {} if figures is None else {"figures": figures}
    return cast(
        "Progress",
        more
        | {
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
        },
    )


def standing(metric: str, threshold: dict[str, Any]) -> Standing:
    """How one threshold stands while the run lasts; it is what :func:`stands` gives."""
    [(expression, how)] = threshold.items()
    return cast("Standing", {"metric": metric, "expression": expression} | how)


def asked(name: str, made: int, rate: float, p95_ms: float | None, failed: int) -> Asked:
    return {
        "protocol": "ws",
        "name": name,
        "made": made,
        "rate": rate,
        "p95_ms": p95_ms,
        "failed": failed,
    }


FIGURES: Figures = {
    "elapsed_ms": 5_000.0,
    "thresholds": [
        standing("ws_req_duration{name:say}", stands("p(95)", "<", 50, 12.65, ok=True)),
        standing("known_trend", stands("p(95)", "<", 150, 189.551, ok=False)),
        standing("checks", stands("rate", ">", 0.99, 0.98999, ok=False, unit="")),
        standing("ws_ping", stands("p(99)", "<", 10, None, ok=False, window="30s")),
    ],
    "shown": [
        {"name": "known_trend"} | trend(151.21, 3.5, 149.998, 210.7, 180.25, 189.551),
        {"name": "said"} | counter(1204, 240.8),
        {"name": "queue_depth"} | silent("gauge", "value", "min", "max"),
    ],
    "requests": [
        asked("say", 1204, 240.8, 12.65, 0),
        asked("join the room that everybody is in", 10, 2.0, 3.21, 3),
        asked("leave", 2, 0.4, None, 2),
    ],
    "more_requests": 4,
    "failures": [],
}

LIVE = snapshot(
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
    figures=FIGURES,
)

README_RUN: dict[str, Any] = json.loads(Path(__file__).with_name("shown_run.json").read_text())
"""A real run, kept: what its display was told in the middle, and the data of its summary."""
