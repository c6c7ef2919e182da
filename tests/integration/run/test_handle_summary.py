"""`handle_summary`: what the script makes of the figures, and what happens when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws.summary import jUnit, junit, text_summary

BASE = """
from k6ws import check, group

def setup():
    return {"made": [1, 2]}

def default():
    check(1, {"fine": True, "not fine": False})
    with group("inner"):
        check(1, {"deep <&>": True})
"""


class FullDisk(io.StringIO):
    """A stream that takes nothing."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def run(tmp_path: Path, source: str, *flags: str, **environment: str) -> tuple[int, str, str]:
    script = tmp_path / "script.py"
    script.write_text(BASE + source)
    command = [sys.executable, "-m", "k6ws", "run", *flags, str(script)]
    env = {**os.environ, **environment}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd=tmp_path, env=env
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("head", ["def handle_summary(data)", "async def handleSummary(data)"])
def test_it_is_given_the_data_and_replaces_the_text(tmp_path: Path, head: str) -> None:
    source = f"""
import json
{head}:
    assert data["setup_data"] == {{"made": [1, 2]}}
    data["metrics"]["checks"]["values"]["rate"]
    return {{"stdout": "short\\n", "stderr": "aside\\n", "out.json": json.dumps(data), "raw.bin": b"\\xff"}}
"""
    code, out, err = run(tmp_path, source, "-q", "-i", "2")
    assert (code, out) == (0, "short\n")
    # Standard output is the script's, so the verdict is here.
    aside, verdict = err.splitlines()
    assert aside == "aside"
    assert verdict.startswith("PASSED checks 4 of 6 · ")
    assert (tmp_path / "raw.bin").read_bytes() == b"\xff"
    data = json.loads((tmp_path / "out.json").read_text())
    assert {"root_group", "options", "state", "metrics", "setup_data"} <= set(data)
    assert data["metrics"]["iterations"]["values"]["count"] == 2
    assert data["metrics"]["checks"]["values"] == {"rate": 4 / 6, "passes": 4, "fails": 2}
    inner = data["root_group"]["groups"][0]
    assert (inner["path"], inner["checks"][0]["path"]) == ("::inner", "::inner::deep <&>")
    assert data["state"]["isStdOutTTY"] is False


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (255, "raise ValueError('out of ideas')", "out of ideas"),
        (255, "data['metrics']['no such metric']", "KeyError"),
        (255, "raise SystemExit(0)", "SystemExit"),
        (0, "return None", ""),
        (0, "return {}", ""),
        (255, "return 'text'", "handle_summary() returned a str; expected a mapping of paths"),
        (255, "return ['a.txt']", "handle_summary() returned a list; expected a mapping"),
        (255, "return {'stdout': 7}", "handle_summary() returned {'stdout': a int}"),
        (255, "return {7: 'text'}", "handle_summary() returned {keys that are no text}"),
        (255, "from k6ws import fail; fail('no')", "no"),
    ],
)
@pytest.mark.parametrize("head", ["def", "async def"])
def test_when_it_makes_none_the_default_text_follows_and_a_failure_is_no_success(
    tmp_path: Path, head: str, code: int, body: str, said: str
) -> None:
    source = f"{head} handle_summary(data):\n    {body}\n"
    done, out, err = run(tmp_path, source, "--summary-export", "e.json", "--junit", "j.xml")
    assert (done, "TOTAL RESULTS" in out) == (code, True), err
    assert said in err
    exported = json.loads((tmp_path / "e.json").read_text())
    assert (exported["exit_code"], exported["run"]["exit_code"]) == (code, code)
    failures = ET.parse(tmp_path / "j.xml").findall(".//testsuite[@name='run']//failure")
    assert len(failures) == (1 if code else 0)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("def", "from k6ws import sleep; sleep(60)"),
        ("async def", "import asyncio; await asyncio.sleep(60)"),
    ],
)
def test_one_that_does_not_end_in_time_is_no_success(tmp_path: Path, head: str, body: str) -> None:
    source = (
        f"options = {{'handleSummaryTimeout': '200ms'}}\n{head} handle_summary(data):\n    {body}\n"
    )
    code, out, err = run(tmp_path, source)
    assert (code, "TOTAL RESULTS" in out) == (255, True), err
    assert "handle_summary() did not end within 0.2 s" in err


def test_what_ended_the_run_before_stays_its_exit_code(tmp_path: Path) -> None:
    tail = "\ndef handle_summary(data): raise ValueError\n"
    source = "options = {'thresholds': {'checks': ['rate==1']}}\n" + tail
    assert run(tmp_path, source)[0] == 99
    source = "def default():\n from k6ws import execution as e; e.test.abort()" + tail
    assert run(tmp_path, source)[0] == 108


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('out of ideas')", "out of ideas"),
        ("return 7", "handle_summary() returned a int"),
        ("return {'/no/such/folder/a': 'x'}", "asks for the file '/no/such/folder/a'"),
        ("return {'stdout': 'x'}", "what handle_summary() returned (No space left on device)"),
    ],
)
@pytest.mark.parametrize("how", ["run", "arun"])
def test_in_a_program_a_summary_that_is_lost_is_in_the_result_and_the_log(
    tmp_path: Path, how: str, body: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "script.py"
    script.write_text(BASE + f"def handle_summary(data): {body}\n")
    with contextlib.redirect_stdout(FullDisk()):
        result = k6ws.run(script) if how == "run" else asyncio.run(k6ws.arun(script))
    assert (result.exit_code, result.passed) == (255, False)
    assert result.to_dict()["run"]["exit_code"] == 255
    assert result.metrics["iterations"].count == 1
    assert said in caplog.text


def test_a_file_that_cannot_be_written_costs_only_itself(tmp_path: Path) -> None:
    source = (
        "def handle_summary(data): return {'no/such/folder/a': 'x', 'b.txt': 'y', 'stdout': 'z'}\n"
    )
    code, out, err = run(tmp_path, source, "-q")
    assert (code, out) == (255, "z")
    assert "asks for the file 'no/such/folder/a': No such file or directory" in err
    assert (tmp_path / "b.txt").read_text() == "y"


def test_what_it_records_is_ignored_and_what_it_changes_is_its_own(tmp_path: Path) -> None:
    source = """
from k6ws.metrics import Counter
late = Counter("late")
def handle_summary(data):
    late.add(1)
    data["metrics"].clear()
"""
    _, out, _ = run(tmp_path, source)
    assert "late" not in out
    assert "iterations" in out


def test_it_runs_after_a_run_that_was_stopped_and_after_a_failed_setup(tmp_path: Path) -> None:
    tail = "\ndef handle_summary(data): return {'stdout': 'summed'}\n"
    code, out, _ = run(
        tmp_path, "def default():\n from k6ws import execution as e; e.test.abort()" + tail
    )
    assert (code, out) == (108, "summed")
    code, out, _ = run(tmp_path, "def setup(): raise ValueError" + tail)
    assert (code, out) == (107, "summed")


def test_in_a_program_it_writes_what_it_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "script.py"
    made = tmp_path / "made.txt"
    script.write_text(
        BASE + f"def handle_summary(data): return {{'stdout': 'hello', {str(made)!r}: 'file'}}\n"
    )
    result = k6ws.run(script)
    assert (capsys.readouterr().out, made.read_text()) == ("hello", "file")
    # It may hold secrets, and the document goes to others; `handle_summary` is given it.
    assert "setup_data" not in result.to_dict()
    assert "setup_data" not in k6ws.run(lambda: None).to_dict()


# Modes and files --------------------------------------------------------------------------------------


def test_disabled_turns_everything_off(tmp_path: Path) -> None:
    source = "def handle_summary(data): return {'made.txt': 'x'}\n"
    flags = ("-q", "--summary-mode", "disabled", "--summary-export", "e.json", "--junit", "j.xml")
    code, out, err = run(tmp_path, source, *flags)
    # What was asked for and is not there is no secret.
    said = "WARNING --summary-mode=disabled: nothing goes to --summary-export, --junit\n"
    assert (code, out, err) == (0, "", said)
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".py"] == []


def test_the_mode_comes_from_the_environment_too_and_a_wrong_one_is_255(tmp_path: Path) -> None:
    assert run(tmp_path, "", "-q", K6_SUMMARY_MODE="disabled")[:2] == (0, "")
    code, _, err = run(tmp_path, "", "--summary-mode", "legacy")
    assert (code, "'compact', 'full', 'disabled'" in err) == (255, True)


def test_the_full_mode_adds_scenarios_and_groups(tmp_path: Path) -> None:
    one = {"executor": "per-vu-iterations"}
    source = f"options = {{'scenarios': {{'chat': {one}, 'default': {one}}}}}\n"
    _, out, _ = run(tmp_path, source, "--summary-mode", "full")
    titles = [line.strip() for line in out.splitlines() if "█" in line or "↳ GROUP" in line]
    assert titles == [
        "█ TOTAL RESULTS",
        "█ GROUP: inner",
        "█ SCENARIO: chat",
        "↳ GROUP: inner",
    ]
    chat = out[out.index("SCENARIO: chat") :]
    assert re.search(r"checks_total\.+: 3 ", chat)
    assert chat.count("deep <&>") == 1


def test_the_export_says_what_a_pipeline_asks(tmp_path: Path) -> None:
    source = "options = {'thresholds': {'checks': ['rate>0.9'], 'ws_ping': ['max<1']}}\n"
    code, _, _ = run(tmp_path, source, "-q", "--summary-export", "export.json")
    assert code == 99
    text = (tmp_path / "export.json").read_text()
    export = json.loads(text)
    assert (export["version"], export["tool"]["name"], export["exit_code"]) == ("2.1.0", "k6ws", 99)
    assert export["scenarios"] == [
        {
            "name": "default",
            "executor": "per-vu-iterations",
            "exec": "default",
            "description": "1 iterations for each of 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
            "iterations": 1,
            "failed": 0,
            "interrupted": 0,
            "dropped": 0,
        }
    ]
    assert export["thresholds"] == [
        {
            "metric": "checks",
            "expression": "rate>0.9",
            "ok": False,
            "value": 2 / 3,
            "figure": "rate",
            "operator": ">",
            "limit": 0.9,
            "margin": 2 / 3 - 0.9,
            "unit": "",
            "window": "",
            "undecided": False,
            "no_data": False,
        },
        {
            "metric": "ws_ping",
            "expression": "max<1",
            "ok": False,
            "value": None,
            "figure": "max",
            "operator": "<",
            "limit": 1,
            "margin": None,
            "unit": "ms",
            "window": "",
            "undecided": False,
            "no_data": True,
        },
    ]
    assert export["metrics"]["iterations"]["values"]["count"] == 1
    assert "def default" not in text


def cases(text: str) -> dict[tuple[str, str], str | None]:
    found: dict[tuple[str, str], str | None] = {}
    for case in ET.fromstring(text).iter("testcase"):
        failure = case.find("failure")
        message = None if failure is None else failure.get("message")
        found[case.get("classname", ""), case.get("name", "")] = message
    return found


def test_junit_has_a_case_for_each_check_threshold_and_scenario(tmp_path: Path) -> None:
    source = "options = {'thresholds': {'checks': ['rate>0.9'], 'iterations': ['count>0']}}\n"
    run(tmp_path, source, "-q", "--junit", "report.xml")
    assert cases((tmp_path / "report.xml").read_text()) == {
        ("run", "went to its end"): None,
        ("checks", "rate>0.9"): f"rate>0.9: observed {2 / 3}",
        ("iterations", "count>0"): None,
        ("checks", "fine"): None,
        ("checks", "not fine"): "1 of 1 failed",
        ("::inner", "deep <&>"): None,
        ("scenarios", "default"): None,
    }


def test_junit_is_xml_whatever_the_names_are() -> None:
    name = 'a\x00b\x1b[31m\ud800 ]]> "quoted" <&> \ufffe é 🐍'
    data: dict[str, Any] = {
        "root_group": {"checks": [{"name": name, "passes": 0, "fails": 1}], "groups": []},
        "metrics": {},
    }
    [(_, case)] = cases(jUnit(data, {"name": name}))
    assert "quoted" in case
    assert "🐍" in case
    assert cases(junit({})) == {}


def test_text_summary_is_what_the_command_prints(tmp_path: Path) -> None:
    source = (
        "from k6ws.summary import textSummary\n"
        "def handle_summary(data):\n"
        "    return {'stdout': textSummary(data, {'indent': '> ', 'enableColors': False})}\n"
    )
    _, out, _ = run(tmp_path, source, "-q")
    assert "\n>   █ TOTAL RESULTS\n" in out
    data = k6ws.run(lambda: None).to_dict()
    assert "\x1b[" in text_summary(data, enable_colors=True)
    assert "\x1b[" not in text_summary(data)


def test_a_workflow_of_github_gets_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n")
    source = (
        "options = {'thresholds': {'checks': ['rate>0.9']}}\n"
        "def teardown():\n    raise ValueError('<script>|pipe|')\n"
    )
    run(tmp_path, source, "-q", GITHUB_STEP_SUMMARY=str(page))
    text = page.read_text()
    assert text.startswith("before\n## k6ws\n")
    assert "| checks: rate\\>0.9 | ✗ | rate=66.6% |" in text
    assert "| ✓ inner::deep \\<\\&\\> |" in text
    assert "ValueError" in text
    assert "<script>" not in text
    code, _, err = run(tmp_path, "", GITHUB_STEP_SUMMARY="/no/such/page")
    assert (code, "GITHUB_STEP_SUMMARY cannot be written" in err) == (0, True)


def test_a_full_disk_does_not_pass_for_a_success(tmp_path: Path) -> None:
    for flag in ("--summary-export", "--junit"):
        code, out, err = run(tmp_path, "", flag, "/dev/full")
        assert (code, "TOTAL RESULTS" in out) == (255, True), err
        assert f"could not be written: {flag} (No space left on device)" in err
