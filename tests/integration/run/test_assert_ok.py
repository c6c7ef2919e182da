"""`assert_ok` and `problems`: each thing that was not in order is named, with what to do."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import _core, check, execution, sleep, ws
from k6ws._result import problems_of
from k6ws.errors import K6Error, RunNotOk
from k6ws.websockets import WebSocket


@pytest.fixture
def url() -> Iterator[str]:
    server = _core.EchoServer("127.0.0.1", 0)
    yield server.url()
    server.stop()


def kinds(result: k6ws.Result) -> set[str]:
    """What is wrong but for the machine being busy, which it may be."""
    return {one.kind for one in result.problems} - {"untrustworthy"}


def told(result: k6ws.Result) -> str:
    with pytest.raises(RunNotOk) as raised:
        result.assert_ok()
    assert raised.value.problems == [str(one) for one in result.problems]
    return str(raised.value)


def test_a_run_in_which_all_went_well_is_ok(url: str) -> None:
    def default() -> None:
        response = ws.connect(url, lambda socket: socket.on("open", socket.close))
        check(response, {"upgraded": lambda r: r.status == 101})

    result = k6ws.run(default, iterations=3, thresholds={"checks": ["rate==1"]})
    assert kinds(result) == set()
    if result.trustworthy:
        result.assert_ok()


def test_what_raised_is_named_with_its_line() -> None:
    def default() -> None:
        raise ValueError("broken")

    result = k6ws.run(default, iterations=3)
    assert (result.passed, kinds(result)) == (True, {"exception"})
    text = told(result)
    assert text.startswith("the run is not ok:\n  - 3 × ValueError at ")
    assert "test_assert_ok.py:" in text
    assert "broken" in text


def test_a_connection_that_was_not_made_is_named_with_its_hint() -> None:
    result = k6ws.run(lambda: ws.connect("ws://127.0.0.1:9/", lambda socket: None), iterations=2)
    assert kinds(result) == {"connection"}
    text = told(result)
    assert "2 × connect_refused" in text
    assert "hint: is the server running there?" in text


def test_a_session_that_broke_is_named(url: str) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x" * 100))

    def default() -> None:
        ws.connect(url, session, max_message_size=10)

    assert kinds(k6ws.run(default)) == {"session"}


def test_iterations_that_were_cut_or_never_began_are_counted() -> None:
    scenarios: dict[str, k6ws.Scenario] = {
        "cut": {
            "executor": "constant-vus",
            "vus": 2,
            "duration": "1s",
            "gracefulStop": "0s",
            "exec": "default",
        },
        "few": {
            "executor": "shared-iterations",
            "vus": 1,
            "iterations": 50,
            "maxDuration": "1s",
            "gracefulStop": "0s",
        },
        "fast": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "duration": "1s",
            "preAllocatedVUs": 1,
            "gracefulStop": "0s",
        },
    }
    result = k6ws.run(lambda: sleep(20), scenarios=scenarios)
    assert kinds(result) == {"interrupted", "missing"}
    counts = {one["name"]: one for one in result.to_dict()["scenarios"]}
    assert counts["cut"]["interrupted"] == 2
    assert counts["few"]["dropped"] == 49
    assert counts["fast"]["dropped"] == result.metrics["dropped_iterations"].count - 49
    text = told(result)
    assert "4 iterations were interrupted" in text
    assert "49 iterations of scenario few never began" in text
    assert "hint: more VUs" in text


def test_thresholds_and_checks_are_named_with_their_figures() -> None:
    def default() -> None:
        k6ws.group(
            "outer", lambda: check(execution.vu.iteration_in_instance, {"late": lambda n: n > 0})
        )

    thresholds: dict[str, list[str | k6ws.Threshold]] = {
        "checks": ["rate>0.9"],
        "ws_ping": ["p(95)<9"],
    }
    result = k6ws.run(default, iterations=2, thresholds=thresholds)
    assert kinds(result) == {"threshold", "check"}
    text = told(result)
    assert "checks: rate>0.9 does not hold: rate=50%" in text
    assert "ws_ping: p(95)<9 does not hold: no data" in text
    assert "check outer::late: 1 of 2 failed" in text


def test_a_run_that_was_ended_says_by_what() -> None:
    result = k6ws.run(lambda: execution.test.abort("enough"))
    assert "ended" in kinds(result)
    assert "the script aborted the run (enough): exit code 108" in told(result)


def test_numbers_that_are_not_the_targets_are_a_problem() -> None:
    document = {**k6ws.run(lambda: None).to_dict()}
    document["run"] = {**document["run"], "trustworthy": False, "reasons": ["the machine slept"]}
    assert [(one.kind, one.text) for one in problems_of(document)] == [
        ("untrustworthy", "the machine slept")
    ]


def test_of_many_kinds_the_most_frequent_are_told_and_the_rest_is_counted() -> None:
    def default() -> None:
        number = execution.scenario.iteration_in_test
        raise type(f"Odd{number % 9}", (Exception,), {})(number)

    result = k6ws.run(default, iterations=18)
    problems = [one for one in result.problems if one.kind == "exception"]
    assert len(problems) == 6
    assert problems[-1].text.endswith("more exceptions, of other kinds")
    many = k6ws.run(lambda: check(1, {f"check {n}": False for n in range(9)}))
    checks = [str(one) for one in many.problems if one.kind == "check"]
    assert (len(checks), checks[-1]) == (6, "4 more of this kind")


def test_the_error_is_an_assertion_and_ours() -> None:
    result = k6ws.run(lambda: check(1, {"never": False}))
    with pytest.raises(AssertionError, match="the run is not ok"):
        result.assert_ok()
    with pytest.raises(K6Error):
        result.assert_ok()


def test_str_and_repr_say_the_verdict(url: str) -> None:
    result = k6ws.run(lambda: check(1, {"one": True}), thresholds={"checks": ["rate<0.5"]})
    assert repr(result).startswith("<k6ws.Result FAILED checks rate=100")
    lines = str(result).splitlines()
    assert lines[-1].startswith("FAILED checks")
    assert "  █ TOTAL RESULTS" in lines
    assert max(map(len, lines[:-1])) <= 100
    assert "\x1b" not in str(result)
    assert repr(k6ws.run(lambda: None)).startswith("<k6ws.Result PASSED ")


def test_a_notebook_gets_tables() -> None:
    html: Any = k6ws.run(lambda: check(1, {"<one>": True}))._repr_html_()
    assert "✓ &lt;one&gt;" in html
    assert "<script" not in html


def test_a_report_is_opened_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    result = k6ws.run(lambda: None)
    with pytest.raises(K6Error, match="this run wrote no report") as told:
        result.open_report()
    assert "report=" in told.value.hint
    result.report = report = tmp_path / "a report.html"
    with pytest.raises(K6Error, match="is not there any more"):
        result.open_report()
    report.write_text("<!doctype html>")

    def remember(url: str) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr("webbrowser.open", remember)
    result.open_report()
    assert opened == [f"file://{tmp_path}/a%20report.html"]
    with pytest.raises(K6Error, match="no browser opens"):
        result.open_report()


def test_what_the_script_said_as_it_ended_the_run_is_told() -> None:
    result = k6ws.run(lambda: execution.test.abort("enough \x1b[31m\nof it"), iterations=1)
    (ended,) = [one for one in result.problems if one.kind == "ended"]
    assert ended.text == "the script aborted the run (enough ␛[31m of it): exit code 108"


def test_texts_of_problems_steer_no_terminal() -> None:
    def fails() -> None:
        raise ValueError("\x1b[2J\x07\u202e")

    with pytest.raises(RunNotOk) as error:
        k6ws.run(fails, iterations=1).assert_ok()
    assert not set("\x1b\x07\u202e") & set(str(error.value))


def test_sockets_that_no_line_of_the_script_opened_have_no_place(url: str) -> None:
    result = k6ws.run(
        functools.partial(WebSocket, url),
        scenarios={
            "a": {
                "executor": "per-vu-iterations",
                "vus": 1,
                "maxDuration": "1s",
                "gracefulStop": "0s",
            }
        },
    )
    (problem,) = [one for one in result.problems if one.kind == "interrupted"]
    assert "opened at ," not in problem.hint
    assert "give them time" in problem.hint


def test_a_document_is_its_owners() -> None:
    result = k6ws.run(lambda: None, iterations=2)
    document = result.to_dict()
    document["run"].clear()
    document["metrics"]["iterations"]["values"]["count"] = 9
    assert result.to_dict()["metrics"]["iterations"]["values"]["count"] == 2
    assert result.problems == []
    assert "iterations" in str(result)
