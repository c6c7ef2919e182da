"""Thresholds from the options to the exit code, in programs; the command line is in `tests/cli`."""

from __future__ import annotations

import logging
from typing import Any

import pytest

import k6ws
from k6ws import check, execution, group, sleep, ws
from k6ws._run import thresholds
from support.servers import WebsocketsServer

CROSSED = 99


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thresholds are looked at every 20 ms instead of every two seconds."""
    monkeypatch.setattr(thresholds, "EVALUATION_MS", 20.0)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def one_in_four_fails() -> None:
    check(execution.vu.iteration_in_instance, {"ok": lambda n: n % 4 != 0})


def stands(result: k6ws.Result) -> dict[str, tuple[bool, float | None]]:
    return {f"{one.metric} {one.expression}": (one.ok, one.value) for one in result.thresholds}


def test_thresholds_that_hold_pass() -> None:
    result = k6ws.run(
        one_in_four_fails,
        iterations=8,
        thresholds={"checks": ["rate>0.7", "rate <= 0.75"], "iterations": ["count==8"]},
    )
    assert (result.passed, result.exit_code) == (True, 0)
    assert stands(result) == {
        "iterations count==8": (True, 8),
        "checks rate>0.7": (True, 0.75),
        "checks rate <= 0.75": (True, 0.75),
    }


def test_one_that_does_not_hold_fails_the_run(caplog: pytest.LogCaptureFixture) -> None:
    result = k6ws.run(
        one_in_four_fails,
        iterations=8,
        thresholds={"checks": ["rate>0.9", "rate>0.5"], "iterations": ["count<5"], "vus": []},
    )
    assert (result.passed, result.exit_code) == (False, CROSSED)
    assert logged(caplog) == ["thresholds on metrics 'checks, iterations' have been crossed"]
    assert ("checks", "rate>0.9", False, 0.75) in [
        (one.metric, one.expression, one.ok, one.value) for one in result.thresholds
    ]
    verdicts = result.to_dict()["metrics"]["checks"]["thresholds"]
    assert verdicts == {
        "rate>0.9": {
            "ok": False,
            "value": 0.75,
            "figure": "rate",
            "operator": ">",
            "limit": 0.9,
            "margin": 0.75 - 0.9,
            "unit": "",
            "window": "",
            "undecided": False,
        },
        "rate>0.5": {
            "ok": True,
            "value": 0.75,
            "figure": "rate",
            "operator": ">",
            "limit": 0.5,
            "margin": 0.25,
            "unit": "",
            "window": "",
            "undecided": False,
        },
    }
    assert result.metrics["iterations"].count == 8, "it went to its end"


def test_every_kind_of_metric_has_its_figures(server: WebsocketsServer) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x"))
        socket.on("message", lambda _: socket.close())

    holds: dict[str, list[str | k6ws.Threshold]] = {
        "ws_sessions": ["count==3", "rate>0"],
        "checks": ["rate===1"],
        "ws_connecting": ["avg>0", "min>0", "med<1e5", "max<100000.0", "p(99.9)<+1e5", "p(0)>0"],
        "data_sent": ["count>3"],
    }
    result = k6ws.run(
        lambda: check(
            ws.connect(server.url("/ws-echo"), session), {"ok": lambda r: r.status == 101}
        ),
        iterations=3,
        thresholds=holds,
    )
    assert (result.exit_code, len(result.thresholds)) == (0, 10)
    assert all(one.value is not None for one in result.thresholds)


def test_the_last_value_of_a_gauge_is_judged() -> None:
    result = k6ws.run(lambda: sleep(1.1), vus=2, iterations=2, thresholds={"vus": ["value==2"]})
    assert stands(result) == {"vus value==2": (True, 2)}


@pytest.mark.parametrize(
    ("metric", "expression"),
    [
        ("checks", "rate>0.9"),
        ("checks", "rate<0.1"),
        ("ws_ping", "p(95)<1"),
        ("ws_sessions{scenario:none}", "count<3"),
        ("checks{kind:none}", "rate>0.9"),
        ("ws_ping", "p(95)<1 over 10s"),
    ],
)
def test_without_data_it_fails_unless_that_is_allowed(
    metric: str, expression: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = k6ws.run(lambda: None, thresholds={metric: [expression]})
    assert result.exit_code == CROSSED
    [stood] = result.thresholds
    assert (stood.ok, stood.value, stood.no_data) == (False, None, True)
    [line] = logged(caplog)
    assert f"'{metric}' had no data" in line
    assert "allowNoData" in line

    allowed: k6ws.Threshold = {"threshold": expression, "allowNoData": True}
    result = k6ws.run(lambda: None, thresholds={metric: [allowed]})
    [stood] = result.thresholds
    assert (result.exit_code, stood.ok, stood.no_data) == (0, True, True)


def test_a_metric_that_is_named_is_in_the_figures_without_samples() -> None:
    result = k6ws.run(lambda: None, thresholds={"ws_ping{scenario:default}": [], "checks": []})
    assert result.exit_code == 0
    assert {"ws_ping{scenario:default}", "ws_ping"} <= set(result.metrics)
    assert result.metrics["ws_ping{scenario:default}"].get("avg") is None
    assert result.metrics["ws_ping"].get("max") is None
    assert result.metrics["checks"].passes == 0
    assert "thresholds" not in result.to_dict()["metrics"]["checks"]


def test_submetrics_add_up_the_samples_that_fit() -> None:
    def default() -> None:
        with group("outer"), group("inner"):
            check(1, {"yes": True}, {"kind": "smoke", "url": "ws://a/,b}"})
        check(1, {"no": False}, {"kind": "soak"})
        check(1, {"plain": True})

    expected = {
        "checks{kind:smoke}": (2, 0),
        "checks{kind:soak}": (0, 2),
        "checks{kind!=smoke}": (2, 2),
        "checks{ kind : s* }": (2, 2),
        "checks{kind:*}": (2, 2),
        "checks{kind!=*}": (2, 0),
        "checks{group:::outer::inner}": (2, 0),
        "checks{group:}": (2, 2),
        "checks{group:*::inner,check!=no}": (2, 0),
        'checks{url:"ws://a/,b}"}': (2, 0),
        "checks{scenario:default,kind:soak}": (0, 2),
        "checks{scenario:other}": (0, 0),
    }
    result = k6ws.run(default, iterations=2, thresholds={name: [] for name in expected})
    figures = {name: result.metrics[name] for name in expected}
    assert {name: (one.passes, one.fails) for name, one in figures.items()} == expected
    assert [tags["check"] for tags, _ in result.series("checks{kind:soak}")] == ["no"]


def test_a_submetric_is_judged_by_its_own_samples() -> None:
    def default() -> None:
        check(1, {"yes": True}, {"kind": "good"})
        check(1, {"no": False}, {"kind": "bad"})

    result = k6ws.run(
        default,
        thresholds={"checks{kind:good}": ["rate==1"], "checks{kind:bad}": ["rate==1"]},
    )
    assert stands(result) == {
        "checks{kind:good} rate==1": (True, 1),
        "checks{kind:bad} rate==1": (False, 0),
    }


@pytest.mark.usefixtures("quick")
def test_abort_on_fail_cuts_what_runs_and_teardown_follows(
    caplog: pytest.LogCaptureFixture, tmp_path: Any
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check, sleep\n"
        "seen = []\n"
        "def default():\n"
        "    check(1, {'ok': False})\n"
        "    sleep(60)\n"
        "def teardown():\n"
        "    check(1, {'teardown ran': True})\n"
    )
    threshold: k6ws.Threshold = {"threshold": "rate>0.9", "abortOnFail": True}
    result = k6ws.run(script, vus=3, duration="1m", thresholds={"checks": [threshold]})
    assert result.exit_code == CROSSED
    assert result.checks["teardown ran"].passes == 1
    assert "iterations" not in result.metrics
    assert result.to_dict()["run"]["iterations_interrupted"] == 3
    [line] = logged(caplog)
    assert line == (
        "thresholds on metrics 'checks' were crossed; at least one has abortOnFail enabled, "
        "stopping test prematurely"
    )


@pytest.mark.usefixtures("quick")
def test_an_abort_during_setup_cuts_it(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check, sleep\n"
        "def setup():\n"
        "    check(1, {'ok': False})\n"
        "    sleep(60)\n"
        "def default():\n"
        "    check(1, {'iterated': True})\n"
    )
    threshold: k6ws.Threshold = {"threshold": "rate>0.9", "abort_on_fail": True}
    result = k6ws.run(script, thresholds={"checks": [threshold]})
    assert result.exit_code == CROSSED
    assert "iterated" not in result.checks


@pytest.mark.usefixtures("quick")
def test_a_delay_holds_the_abort_back_and_counts_setup(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check, sleep\n"
        "def setup():\n"
        "    check(1, {'ok': False})\n"
        "    sleep(0.7)\n"
        "def default():\n"
        "    sleep(60)\n"
    )
    threshold: k6ws.Threshold = {
        "threshold": "rate>0.9",
        "abortOnFail": True,
        "delayAbortEval": "1s",
    }
    result = k6ws.run(script, duration="1m", thresholds={"checks": [threshold]})
    assert result.exit_code == CROSSED
    took = result.to_dict()["state"]["testRunDurationMs"]
    # Were setup not counted, it would be 1.7 s at least; were the delay ignored, setup would have been cut.
    assert 1000 < took < 1700


@pytest.mark.usefixtures("quick")
def test_it_may_recover_before_the_end() -> None:
    seen: list[k6ws.Result] = []

    def default() -> None:
        check(1, {"ok": False})
        sleep(0.1)
        for _ in range(9):
            check(1, {"ok": True})

    seen.append(k6ws.run(default, thresholds={"checks": ["rate>=0.9"]}))
    assert (seen[0].exit_code, seen[0].thresholds[0].value) == (0, 0.9)


@pytest.mark.usefixtures("quick")
def test_a_window_judges_the_latest_samples_only() -> None:
    def default() -> None:
        for _ in range(1000):
            check(1, {"ok": True})
        sleep(3.2)
        check(1, {"ok": False})
        sleep(0.2)

    result = k6ws.run(
        default, thresholds={"checks": ["rate>0.99", "rate>0.99 over 2s", "rate>0.99 over 1h"]}
    )
    assert stands(result) == {
        "checks rate>0.99": (True, pytest.approx(1000 / 1001)),
        "checks rate>0.99 over 2s": (False, 0),
        # A run shorter than the window is one window.
        "checks rate>0.99 over 1h": (True, pytest.approx(1000 / 1001)),
    }
    assert result.exit_code == CROSSED


def test_setup_and_teardown_are_in_no_window(tmp_path: Any) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check\n"
        "def setup():\n"
        "    check(1, {'ok': False})\n"
        "def default():\n"
        "    check(1, {'ok': True})\n"
        "def teardown():\n"
        "    check(1, {'ok': False})\n"
    )
    expressions: list[str | k6ws.Threshold] = ["rate==1 over 10s", "rate<0.5"]
    result = k6ws.run(script, thresholds={"checks": expressions})
    assert stands(result) == {
        "checks rate==1 over 10s": (True, 1),
        "checks rate<0.5": (True, pytest.approx(1 / 3)),
    }


def test_what_ended_the_run_before_stays_its_result(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default(): pass\ndef teardown(): raise ValueError('no')\n")
    result = k6ws.run(script, thresholds={"iterations": ["count>5"], "checks": ["rate>0.9"]})
    assert result.exit_code == 107
    assert [one.ok for one in result.thresholds] == [False, False]
    assert [line for line in logged(caplog) if "threshold" in line] == []


def test_no_thresholds_judges_nothing_and_keeps_the_parts() -> None:
    result = k6ws.run(
        one_in_four_fails,
        iterations=4,
        no_thresholds=True,
        thresholds={"checks{check:ok}": ["rate>0.9"], "no_such_metric": ["rate>0.9"]},
    )
    assert (result.exit_code, result.thresholds) == (0, [])
    assert result.metrics["checks{check:ok}"].rate == 0.75


def test_selecting_by_metadata_is_remarked_on(caplog: pytest.LogCaptureFixture) -> None:
    k6ws.run(lambda: None, thresholds={"checks{vu:1}": []})
    [warning] = [record.getMessage() for record in caplog.records]
    assert "checks{vu:1}" in warning
    assert "metadata" in warning


@pytest.mark.parametrize(
    ("thresholds", "said", "hint"),
    [
        ({"no_such": ["rate>0"]}, "there is no metric 'no_such'", "declared in the body"),
        ({"ws_pign": ["avg<1"]}, "there is no metric 'ws_pign'", "did you mean 'ws_ping'?"),
        ({"ws_ping": ["rate>0"]}, "a trend has no figure 'rate'", "avg, min, med, max, p(N)"),
        ({"ws_ping": ["count>0"]}, "a trend has no figure 'count'", "avg, min, med, max, p(N)"),
        ({"checks": ["value>0"]}, "a rate has no figure 'value'", "use rate"),
        ({"vus": ["count>0"]}, "a gauge has no figure 'count'", "use value"),
        ({"iterations": ["avg>0"]}, "a counter has no figure 'avg'", "use count, rate"),
        ({"checks": ["rate"]}, "it compares with nothing", "'rate>0.99'"),
        ({"checks": ["rate=1"]}, "there is no operator '='", "==="),
        ({"checks": ["rate>95%"]}, "'95%' is no number", "write 0.95"),
        ({"checks": "rate>0.9"}, "expected a list", '["rate>0.9"]'),
        ({"checks": [None]}, "expected an expression", "abortOnFail"),
        ({"checks": [{"abortOnFail": True}]}, "it has no 'threshold'", "threshold"),
        ({"checks{}": ["rate>0"]}, "there is no tag between", "{scenario:chat}"),
        ({"checks{a:b": ["rate>0"]}, "'{' is never closed", "{scenario:chat}"),
        ({"checks": ["rate>0 over 1s"]}, "a window of 1s is not possible", "from 2s"),
        (["rate>0.9"], "expected an object", ""),
    ],
)
def test_what_cannot_be_judged_is_refused_before_anything_runs(
    thresholds: Any, said: str, hint: str
) -> None:
    ran: list[int] = []
    with pytest.raises(k6ws.OptionsError) as refused:
        k6ws.run(lambda: ran.append(1), thresholds=thresholds)
    assert said in str(refused.value)
    assert "thresholds" in str(refused.value)
    assert "keywords of k6ws.run()" in str(refused.value)
    assert hint in (refused.value.hint or "")
    assert ran == []
