"""The last line of a run: the verdict."""

from __future__ import annotations

import random
from typing import Any

import pytest

from k6ws._ui import render_verdict
from k6ws._ui.conditions import compared, demanded, observed
from support.shown_runs import CASES, check, counter, group, rate, stands, summary_data, trend


def verdict(data: dict[str, Any], **more: Any) -> str:
    return render_verdict(data, color=False, **more)


def run(exit_code: int = 0, **more: Any) -> dict[str, Any]:
    return {"exit_code": exit_code, "trustworthy": True, "reasons": [], **more}


def judged(name: str, *thresholds: tuple[str, float, bool, float | None]) -> dict[str, Any]:
    all_of_it: dict[str, Any] = {}
    for figure, limit, ok, value in thresholds:
        all_of_it |= stands(figure, "<", limit, value, ok=ok)
    return {name: trend(1, 1, 1, 1, 1, 1, thresholds=all_of_it)}


SAY = judged("ws_req_duration{name:say}", ("p(95)", 50, True, 12.6543))
CHECKS = {"checks": rate(9, 1, thresholds=stands("rate", ">", 0.5, 0.9, ok=True, unit=""))}


def test_a_run_that_passed_says_by_which_figure() -> None:
    line = verdict(summary_data(SAY, run=run()), report="report.html")
    assert line == ("PASSED ws_req_duration{say} p(95)=12.6ms < 50ms · trustworthy · report.html")


def test_a_time_says_more_than_a_share() -> None:
    line = verdict(summary_data(CHECKS | SAY, run=run()))
    assert line == "PASSED ws_req_duration{say} p(95)=12.6ms < 50ms (+1 more) · trustworthy"


def test_a_run_that_failed_says_which_threshold_does_not_hold() -> None:
    known = judged("known_trend", ("p(95)", 150, False, 189.551), ("max", 9, False, 200.0))
    line = verdict(summary_data(SAY | known, run=run(99)))
    assert line == "FAILED known_trend p(95)=189ms ≥ 150ms (+1 more) · trustworthy"


def test_a_threshold_without_data_is_named_when_nothing_else_fails() -> None:
    line = verdict(summary_data(judged("ws_ping", ("p(95)", 9, False, None)), run=run(99)))
    assert line == "FAILED ws_ping p(95) without data · trustworthy"


def test_without_thresholds_checks_or_iterations_are_counted() -> None:
    checks = group("", check("::a", 9, 1), groups=[group("::g", check("::g::a", 5, 0))])
    assert verdict(summary_data({}, checks, run=run())) == "PASSED checks 14 of 15 · trustworthy"
    one = summary_data({"iterations": counter(1, 1)}, run=run())
    assert verdict(one) == "PASSED 1 complete iteration · trustworthy"
    assert verdict(summary_data({}, run=run())) == "PASSED 0 complete iterations · trustworthy"


def test_what_went_wrong_is_counted_though_the_run_passed() -> None:
    data = summary_data(
        SAY,
        run=run(
            exceptions=[{"type": "KeyError", "where": "a.py:1", "count": 1}],
            connection_failures=[{"count": 3}, {"count": 4}],
            iterations_interrupted=2,
        ),
    )
    assert verdict(data) == (
        "PASSED ws_req_duration{say} p(95)=12.6ms < 50ms · 1 exception · 7 failed connections · "
        "2 interrupted iterations · trustworthy"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (100, "setup() took too long"),
        (103, "stopped by the REST API"),
        (105, "interrupted by a signal"),
        (108, "aborted by the script: the room is gone"),
        (109, "a handler could not be stopped"),
        (142, "exit code 142"),
    ],
)
def test_what_ended_the_run_early_comes_first(code: int, said: str) -> None:
    words = {"end_message": "the room is gone"} if code == 108 else {}
    line = verdict(summary_data(SAY, run=run(code, **words)))
    # A threshold that held until then is no verdict on the run.
    assert line == f"FAILED {said} · trustworthy"
    crossed = judged("known_trend", ("p(95)", 150, False, 189.551))
    line = verdict(summary_data(crossed, run=run(code, **words)))
    assert line == f"FAILED {said} · known_trend p(95)=189ms ≥ 150ms · trustworthy"


def test_an_exception_that_ended_the_run_is_named() -> None:
    one = {"type": "KeyError", "where": "chat.py:40", "count": 1}
    line = verdict(summary_data({}, run=run(107, exceptions=[one])))
    assert line.startswith("FAILED ended by KeyError at chat.py:40 · ")


def test_doubts_are_told_with_the_first_reason_alone() -> None:
    line = verdict(CASES["troubled"])
    assert line.endswith(" · not trustworthy: CPU at 97.5 %")
    reasons = ["sockets were looked at late: 3 of 9 (driver_lag); the machine is short of time"]
    data = summary_data(SAY, run=run() | {"trustworthy": False, "reasons": reasons})
    assert verdict(data).endswith(
        " · not trustworthy: sockets were looked at late: 3 of 9 (driver_lag)"
    )


def test_what_could_not_be_written_is_told_whatever_else_failed() -> None:
    crossed = judged("known_trend", ("p(95)", 150, False, 189.551))
    line = verdict(
        summary_data(crossed, run=run(99)), missing="not written: --junit (No space left on device)"
    )
    assert line == (
        "FAILED not written: --junit (No space left on device) · "
        "known_trend p(95)=189ms ≥ 150ms · trustworthy"
    )
    line = verdict(summary_data({}, run=run()), exit_code=255)
    assert line.startswith("FAILED not everything could be written · ")


def test_the_line_stays_one_line_whatever_is_in_a_name() -> None:
    hostile = judged("ws_ping{name:a\nb\x1b[2J\u202e}", ("p(95)", 9, False, 10.0))
    line = verdict(summary_data(hostile, run=run(108, end_message="gone\r\nfor good\x07")))
    assert "\n" not in line
    assert "\x1b" not in line
    assert "ws_ping{a␊b␛[2J\\u202e} p(95)=10ms ≥ 9ms" in line


def test_colour_is_for_the_verdict_alone() -> None:
    line = render_verdict(summary_data(SAY, run=run()), color=True)
    assert line.startswith("\x1b[32mPASSED\x1b[0m ws_req")


@pytest.mark.parametrize(
    ("asked", "more", "text"),
    [
        (("p(95)", "<", 200, 199.9601), {}, "p(95)=199ms < 200ms"),
        (("p(95)", "<=", 200, 200.0401), {"ok": False}, "p(95)=200.04ms > 200ms"),
        (("p(99)", "<", 1234.5, 7.0), {"window": "10s"}, "p(99)=7ms < 1.2345s over 10s"),
        (("rate", ">", 0.95, 0.9412), {"ok": False, "unit": ""}, "rate=94.1% ≤ 95%"),
        (("rate", "==", 1, 1.0), {"unit": ""}, "rate=100% == 100%"),
        (("rate", "==", 1, 0.99999), {"ok": False, "unit": ""}, "rate=99.9% ≠ 100%"),
        (("rate", ">", 10, 9.9999999), {"ok": False, "unit": "1/s"}, "rate=9.9999999/s ≤ 10/s"),
        (("rate", "<", 2e6, 1234.5), {"unit": "bytes/s"}, "rate=1.2 kB/s < 2.0 MB/s"),
        (("rate", "<", 100, 12.5), {"unit": "ms/s"}, "rate=12.5ms/s < 100ms/s"),
        (("count", "<", 2000, 845), {"unit": "bytes"}, "count=845 B < 2.0 kB"),
        (("count", ">=", 10, 12), {"unit": ""}, "count=12 ≥ 10"),
        (("value", "!=", -1500.0, 0.5), {"unit": ""}, "value=0.5 ≠ -1500"),
        (("max", "<", None, 5), {}, "max=5ms < infinity"),
        (("max", "<", 5, None), {"ok": False}, "max without data"),
    ],
)
def test_a_comparison_tells_figure_and_limit_apart(
    asked: tuple[str, str, float | None, float | None], more: dict[str, Any], text: str
) -> None:
    [how] = stands(*asked, ok=True).values()
    assert compared(how | more) == text


def test_digits_are_added_where_a_fixed_unit_would_hide_the_difference() -> None:
    [how] = stands("p(95)", "<=", 200, 200.0401, ok=False).values()
    assert compared(how, "s") == "p(95)=200.04ms > 200ms"
    assert compared(how | {"value": 250}, "s") == "p(95)=0.25s > 0.20s"


def test_what_is_demanded_can_be_said_without_data() -> None:
    [how] = stands("p(95)", "<=", 1500, None, ok=False, window="30s").values()
    assert demanded(how) == "p(95) ≤ 1.5s over 30s"
    [share] = stands("rate", ">", 0.95, None, ok=False, unit="").values()
    assert demanded(share) == "rate > 95%"


def test_what_cannot_be_judged_says_so_and_shows_no_figure() -> None:
    [how] = stands(
        "rate", ">", 9, None, ok=False, unit="1/s", window="10s", undecided=True
    ).values()
    said = "not judged: of several files each knows its own windows only"
    assert observed(how) == said
    assert compared(how) == f"rate over 10s {said}"


def verdict_of(value: float, operator: str, limit: float, unit: str, figure: str = "p(95)") -> str:
    holds = {">": value > limit, "<": value < limit, ">=": value >= limit}[operator]
    ((_, one),) = stands(figure, operator, limit, value, ok=holds, unit=unit).items()
    return compared(one)


@pytest.mark.parametrize(
    ("text", "value", "operator", "limit", "unit", "figure"),
    [
        ("rate=99.96% > 99.95%", 0.9996, ">", 0.9995, "", "rate"),
        ("rate=99.94% ≤ 99.95%", 0.9994, ">", 0.9995, "", "rate"),
        ("p(95)=1.2349s ≥ 1.2345s", 1234.9, "<", 1234.5, "ms", "p(95)"),
        ("p(95)=1.2345s ≥ 1.2345s", 1234.5, "<", 1234.5, "ms", "p(95)"),
        ("value=149.8 < 149.9", 149.8, "<", 149.9, "", "value"),
        ("p(95)=12.6ms < 50ms", 12.65, "<", 50.0, "ms", "p(95)"),
    ],
)
def test_a_comparison_is_true_as_it_is_written(  # noqa: PLR0917 - a row of the table
    text: str, value: float, operator: str, limit: float, unit: str, figure: str
) -> None:
    assert verdict_of(value, operator, limit, unit, figure) == text


def test_whatever_the_numbers_their_texts_stand_as_they_do() -> None:
    dice = random.Random(7)
    for _ in range(3000):
        limit = round(10 ** dice.uniform(-3, 5), dice.randrange(6)) * dice.choice([1, -1])
        near = 10 ** dice.uniform(-6, 0) * dice.choice([0, 1, -1])
        value = limit + abs(limit) * near
        text = verdict_of(value, ">", limit, "", "value")
        seen, sign, wanted = text.removeprefix("value=").split(" ")
        order = (float(seen) > float(wanted)) - (float(seen) < float(wanted))
        assert order == (value > limit) - (value < limit), text
        assert sign == (">" if value > limit else "≤")
