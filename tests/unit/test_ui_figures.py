"""The numbers of a run while it lasts: lines that fit, rates of two looks, failures that are told once."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws._ui import Display, Progress, Watched, render_progress
from k6ws._ui.figures import request_lines, shown_lines, standing_clause, threshold_lines
from k6ws._ui.firsts import Firsts
from k6ws._ui.fitting import Section, fitted
from k6ws._ui.rates import Rates
from k6ws._ui.text import Paint, columns
from support.shown_runs import FIGURES, LIVE, asked, standing, stands

PLAIN = Paint(color=False)


def test_thresholds_that_do_not_hold_come_first_and_those_without_data_have_a_dash() -> None:
    assert threshold_lines(FIGURES["thresholds"], width=100, paint=PLAIN) == [
        "  ✗ known_trend p(95)=189ms ≥ 150ms",
        "  ✗ checks rate=98.9% ≤ 99%",
        "  ✓ ws_req_duration{say} p(95)=12.6ms < 50ms",
        "  – ws_ping p(99) < 10ms over 30s",
    ]


def test_of_a_long_name_the_figure_is_kept() -> None:
    long = standing(
        "ws_req_duration{name:" + "n" * 300 + "}", stands("p(95)", "<", 50, 12.65, ok=True)
    )
    (line,) = threshold_lines([long], width=60, paint=PLAIN)
    assert columns(line) <= 60
    assert line.endswith("… p(95)=12.6ms < 50ms")


@pytest.mark.parametrize(
    ("count", "clause"),
    [
        (0, ""),
        (1, "✓ 1 threshold"),
        (2, "✗ 1 of 2 thresholds: known_trend p(95)=189ms ≥ 150ms"),
        (4, "✗ 2 of 4 thresholds: known_trend p(95)=189ms ≥ 150ms (+1 more)"),
    ],
)
def test_a_line_for_a_log_has_all_thresholds_in_a_few_words(count: int, clause: str) -> None:
    assert standing_clause(FIGURES["thresholds"][:count]) == clause


def test_thresholds_without_data_do_not_count_as_held() -> None:
    fine, silent = FIGURES["thresholds"][0], FIGURES["thresholds"][3]
    assert standing_clause([fine, silent]) == "✓ 1 of 2 thresholds"
    assert standing_clause([silent, silent]) == "– 0 of 2 thresholds"


def test_requests_are_a_table() -> None:
    assert request_lines(FIGURES["requests"], width=80, paint=PLAIN) == [
        "  requests                            made   /s     p95  failed",
        "  say                                 1204  241  12.6ms       0",
        "  join the room that everybody is in    10  2.0  3.21ms       3",
        "  leave                                  2  0.4       –       2",
    ]
    assert request_lines([], width=80, paint=PLAIN) == []


def test_a_request_without_a_name_has_one_and_protocols_are_told_apart_where_there_are_two() -> (
    None
):
    nameless = asked("", 3, 1.0, 1.0, 0)
    over_tcp = {**asked("say", 2, 1.0, 1.0, 0), "protocol": "tcp"}
    lines = request_lines([nameless, over_tcp], width=60, paint=PLAIN)  # type: ignore[list-item]
    assert [line.split("  ")[1] for line in lines[1:]] == ["ws requests", "tcp say"]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_every_line_is_within_the_width(width: int) -> None:
    lines = [
        *threshold_lines(FIGURES["thresholds"], width=width, paint=PLAIN),
        *request_lines(FIGURES["requests"], width=width, paint=PLAIN),
        *shown_lines(FIGURES["shown"], width=width, paint=PLAIN),
    ]
    assert [line for line in lines if columns(line) > width] == []


def test_a_metric_has_the_figures_for_which_there_is_room() -> None:
    wide, narrow = (shown_lines(FIGURES["shown"], width=width, paint=PLAIN) for width in (120, 40))
    assert wide[0].startswith("  known_trend avg=151ms min=3.5ms med=149ms max=210ms p(90)=180ms")
    assert narrow[0] == "  known_trend avg=151ms min=3.5ms"
    assert wide[1:] == ["  said 1204 241/s", "  queue_depth –"]


@pytest.mark.parametrize("height", [1, 2, 5, 8, 12, 20, 30])
def test_the_block_is_no_higher_than_it_may_be(height: int) -> None:
    lines = render_progress(LIVE, width=80, color=False, height=height)
    assert len(lines) <= height
    full = render_progress(LIVE, width=80, color=False)
    if height >= 8:
        assert lines[0] == full[0]
        assert lines[-1] == full[-1]
    if height == 12:
        assert "  +9 more scenarios" in lines


def test_what_is_left_out_is_counted_and_with_the_last_one_its_heading_goes() -> None:
    section = Section(["head", "a", "b", "c"], "name", more=2, head=1)
    assert fitted([section], height=9) == ["head", "a", "b", "c", "  +2 more names"]
    assert fitted([section], height=3) == ["head", "a", "  +4 more names"]
    assert fitted([section], height=1) == ["  5 names"]
    assert fitted([Section(["x"]), Section(["a", "b"], "bar")], height=2) == ["x", "  2 bars"]


def test_rates_are_those_of_the_last_two_seconds() -> None:
    rates = Rates()
    assert rates.of("sent") == 0.0
    for ms in range(0, 10_000, 100):
        rates.see(float(ms), {"sent": ms / 100 if ms < 5_000 else 50 + (ms - 5_000) / 10})
    assert rates.of("sent") == pytest.approx(100.0)
    # So soon after the last look there is nothing to be said.
    rates.see(9_910.0, {"sent": 1e9})
    assert rates.of("sent") == pytest.approx(100.0)
    assert rates.of("a name that is new") == 0.0


def test_of_a_count_that_may_have_been_there_unseen_only_its_growth_counts() -> None:
    rates = Rates()
    for ms in (1_000.0, 3_000.0, 4_000.0, 5_000.0):
        rates.see(ms, {"first": ms / 100}, is_all=False)
    rates.see(5_100.0, {"first": 51.0, "late": 5_001.0}, is_all=False)
    assert rates.of("first") == pytest.approx(10.0)
    assert rates.of("late") is None
    for tenth in range(2, 40):
        rates.see(
            5_000.0 + tenth * 100, {"first": 50.0 + tenth, "late": 5_000.0 + tenth}, is_all=False
        )
        assert rates.of("late") is None or rates.of("late") == pytest.approx(10.0)
    assert rates.of("late") == pytest.approx(10.0)
    row = asked("late", 5_000, 1.0, 1.0, 0)
    row["rate"] = None
    assert request_lines([row], width=80, paint=PLAIN)[1].split() == [
        "late",
        "5000",
        "–",
        "1ms",
        "0",
    ]


def test_of_a_count_that_has_just_begun_all_counts() -> None:
    rates = Rates()
    for ms in (1_000.0, 3_000.0, 4_000.0, 5_000.0):
        rates.see(ms, {"first": ms / 100})
    rates.see(5_900.0, {"first": 59.0, "new": 38.0})
    assert rates.of("new") == pytest.approx(38.0 / 2.9)


def test_a_name_that_comes_among_the_frequent_ones_late_has_no_rate_of_its_whole_sum() -> None:
    rates: list[float | None] = []

    class Seen(Display):
        def update(self, progress: Progress) -> None:
            if "figures" in progress:
                requests = progress["figures"]["requests"]
                rates.extend(one.get("rate") for one in requests if one["name"] == "late")

    def look(second: float, *names: str) -> dict[str, Any]:
        requests = [asked(name, int(2500 + 10 * second), 1.0, 0.0, 0) for name in names]
        figures = {"elapsed_ms": second * 1000, "requests": requests, "more_requests": 5}
        live = {"received": 0, "sent": 0}
        return {"elapsed_ms": second * 1000, "live": live, "figures": {**figures, "failures": []}}

    with Watched(Seen(), lambda: look(9.0, "first", "late"), None) as update:
        for tenth in range(80):
            update(look(tenth / 10, "first"))
        for tenth in range(80, 90):
            update(look(tenth / 10, "first", "late"))
    assert rates[0] is None
    assert [rate for rate in rates if rate is not None] == pytest.approx([10.0] * 6)


def failure(cause: str, status: int | None = None, **more: Any) -> dict[str, Any]:
    return {"what": "connection", "cause": cause, "status": status, **more}


def test_the_first_failure_of_each_kind_is_told_with_its_hint() -> None:
    firsts = Firsts()
    refused = failure(
        "handshake_status",
        403,
        message="ws://a/: websocket: bad handshake",
        body="no \x1b[31mentry",
        hint="the server answered 403",
    )
    (told,) = firsts.news([refused])
    assert told.splitlines() == [
        "a connection failed: handshake_status 403 (more of this kind are only counted)",
        "ws://a/: websocket: bad handshake",
        "the server said: no ␛[31mentry",
        "hint: the server answered 403",
    ]
    broken = failure("eof", what="session")
    assert list(firsts.news([refused, broken])) == [
        "a session broke: eof (more of this kind are only counted)"
    ]
    assert list(firsts.news([refused, broken])) == []


def test_failures_of_many_kinds_do_not_flood_the_log() -> None:
    firsts = Firsts()
    told = list(firsts.news([failure("handshake_status", status) for status in range(400, 450)]))
    assert len(told) == 11
    assert told[-1] == "connections fail in more ways than these: the summary has all of them"
    assert list(firsts.news([failure("dns")])) == []
