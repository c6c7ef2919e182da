"""`k6ws run --dashboard`: the page of a run while it lasts, from its URL to its last numbers."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from k6ws import _page
from support.command import k6ws
from support.dashboards import TIMEOUT_S, Event, ask, events, start
from support.dashboards import url as page_url

SCRIPT = """
    from k6ws import check, env, sleep, ws
    from k6ws.correlate import in_order
    from k6ws.metrics import Trend

    own = Trend("own", is_time=True)
    options = {"vus": 2, "duration": "2500ms", "thresholds": {"own": ["avg<5"], "checks": ["rate>0.99"]}}


    def default():
        with ws.open(env["URL"], correlate=in_order()) as session:
            session.request("say", "say")
        check(1, {"one": True})
        own.add(1 / 7)
        sleep(0.05)
"""
WAITS = """
    from k6ws import sleep

    def default():
        sleep(3600)
"""


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, out, err


def run(folder: Path, script: Path, url: str, *words: str | Path) -> subprocess.Popen[str]:
    return start(folder, "run", "--dashboard=127.0.0.1:0", "-e", f"URL={url}", *words, script)


def figures(metrics: dict[str, Any]) -> dict[str, Any]:
    """What was measured, without the rates, which go on with the clock."""
    return {
        name: {key: value for key, value in one["values"].items() if key != "rate"}
        if one["type"] == "counter"
        else one["values"]
        for name, one in metrics.items()
    }


def test_the_page_is_told_the_numbers_of_the_summary_second_by_second(
    tmp_path: Path, script: Path, url: str
) -> None:
    export = tmp_path / "export.json"
    process = run(tmp_path, script, url, "--summary-export", export)
    at = page_url(process)
    assert ask(at, "/").read().startswith(b"<!doctype html>")
    told = list(events(at))
    code, out, err = ended(process)
    assert code == 0, err
    assert "own" in out
    summary = json.loads(export.read_text())
    last = told[-1]
    assert told[0].name == "page"
    assert {one.name for one in told[1:]} == {"second"}
    assert len(told) >= 3
    assert [one.data["state"] for one in told[:-1]] == ["running"] * (len(told) - 1)
    assert last.data["state"] == "ended"
    assert last.data["summary"]["metrics"] == summary["metrics"]
    assert last.data["summary"]["root_group"] == summary["root_group"]
    assert last.data["summary"]["run"] == summary["run"]
    counts = [one.data["summary"]["metrics"]["iterations"]["values"]["count"] for one in told[1:]]
    assert counts == sorted(counts)
    assert counts[-1] == summary["metrics"]["iterations"]["values"]["count"] > 20


def test_who_looks_changes_no_exit_code(tmp_path: Path, script: Path, url: str) -> None:
    script.write_text(script.read_text().replace("avg<5", "avg<0.1"))
    process = run(tmp_path, script, url)
    at = page_url(process)
    # A tab that stays open and takes nothing, and one that is closed.
    stuck = ask(at, "/events")
    next(events(at))
    code, out, err = ended(process)
    assert code == 99, err
    assert "own" in out
    stuck.close()


def test_two_runs_at_once_have_a_page_each(tmp_path: Path, script: Path, url: str) -> None:
    processes = [run(tmp_path, script, url) for _ in range(2)]
    places = [page_url(process) for process in processes]
    assert places[0] != places[1]
    looking = [events(at) for at in places]
    assert [next(one).name for one in looking] == ["page", "page"]
    for one in looking:
        *_, last = one
        assert last.data["state"] == "ended"
    assert [ended(process)[0] for process in processes] == [0, 0]


def test_a_run_that_is_stopped_by_ctrl_c_says_so_to_who_looks(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(WAITS))
    process = run(tmp_path, script, "")
    looking = events(page_url(process))
    first = list(itertools.islice(looking, 2))
    assert [one.data["state"] for one in first] == ["running", "running"]
    process.send_signal(signal.SIGINT)
    *_, last = looking
    assert (last.data["state"], last.data["summary"]["run"]["exit_code"]) == ("ended", 105)
    assert ended(process)[0] == 105


def test_quiet_says_where_the_page_is_and_no_more(tmp_path: Path, script: Path, url: str) -> None:
    process = run(tmp_path, script, url, "--quiet", "-i", "2")
    at = page_url(process)
    code, _, err = ended(process)
    assert (code, err) == (0, ""), at


def test_with_linger_the_page_is_there_until_ctrl_c(tmp_path: Path, script: Path, url: str) -> None:
    process = run(tmp_path, script, url, "--linger", "-i", "2")
    at = page_url(process)
    *_, last = events(at)
    assert last.data["state"] == "ended"
    # One who comes when it is over.
    assert [(one.name, one.data["state"]) for one in events(at)] == [("page", "ended")]
    # The page is told the end before the summary is written, and until then a Ctrl-C is the run's.
    assert process.stderr is not None
    said = iter(process.stderr.readline, "")
    assert any("Ctrl-C ends --linger" in line for line in said)
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 0


def test_a_token_that_is_set_is_asked_for_and_printed(
    tmp_path: Path, script: Path, url: str
) -> None:
    token = "one-that-was-agreed-on"
    process = start(
        tmp_path, "run", "-e", f"URL={url}", script,
        variables={"K6WS_DASHBOARD": "localhost:0", "K6WS_DASHBOARD_TOKEN": token},
    )  # fmt: skip
    at = page_url(process)
    assert at.endswith(f"/#token={token}")
    assert ask(at, "/events").status == 401
    assert (
        ask(at, "/events", headers={"Authorization": "Bearer another-that-is-long"}).status == 401
    )
    assert ask(at, "/").status == 200
    looking = events(at, token)
    assert isinstance(next(looking), Event)
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == 105


def test_a_port_that_is_taken_is_said_before_the_run(tmp_path: Path, script: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(tmp_path, "run", f"--dashboard=127.0.0.1:{port}", script)
        code, out, err = ended(process)
    assert (code, out) == (106, "")
    assert f"the dashboard cannot listen on 127.0.0.1:{port}: Address already in use" in err
    assert "port 0 takes a free one" in err


@pytest.mark.parametrize(
    ("word", "variables", "said"),
    [
        ("--dashboard=nowhere:x", {}, "expected HOST:PORT"),
        ("--dashboard=5665", {}, "expected HOST:PORT"),
        ("--dashboard=:0", {"K6WS_DASHBOARD_TOKEN": "short"}, "at least 16 characters"),
    ],
)
def test_an_address_or_a_token_that_cannot_be_is_refused(
    tmp_path: Path, script: Path, word: str, variables: dict[str, str], said: str
) -> None:
    code, _, err = ended(start(tmp_path, "run", word, script, variables=variables))
    assert code == 104
    assert said in err


def test_without_the_built_page_it_says_how_to_build_it(
    tmp_path: Path, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_page, "PAGE", tmp_path / "nothing.html")
    done = k6ws("run", "--dashboard=:0", script)
    assert done.code == 104
    assert "make page" in done.err


def test_the_dashboard_of_k6_is_answered_with_ours(script: Path) -> None:
    done = k6ws("run", "-o", "web-dashboard", script)
    assert done.code == 255
    assert "--dashboard shows a run while it lasts" in done.err
