"""A workflow of GitHub gets the verdict on its page, and an annotation for each failed threshold."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import k6ws
from k6ws._cli import github

SCRIPT = """options = {
    "thresholds": {
        "checks": ["rate>0.5"],
        "iterations": [
            "count>100",
            {"threshold": "rate > 1000000"},
        ],
        "ws_ping": ["max<1"],
    },
}


def default():
    pass
"""


def run(folder: Path, source: str = SCRIPT, **variables: str) -> tuple[int, str, str]:
    (folder / "load").mkdir(exist_ok=True)
    (folder / "load" / "script.py").write_text(source)
    hidden = {name for name in os.environ if name.startswith("GITHUB_")}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", "load/script.py"],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_each_failed_threshold_is_an_error_at_its_line(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(tmp_path))
    assert code == 99
    where = "file=load/script.py,line"
    title = "::error title=threshold of"
    found = sorted(commands(err))
    assert found == [
        f"{title} checks,{where}=3::rate>0.5 does not hold: no data",
        f"{title} iterations,{where}=5::count>100 does not hold: count=1",
        found[2],
        f"{title} ws_ping,{where}=8::max<1 does not hold: no data",
    ]
    assert found[2].startswith(f"{title} iterations,{where}=6::rate > 1000000 does not hold: rate=")
    # Standard output may be a file of samples, or the script's.
    assert commands(out) == []


def test_elsewhere_nothing_is_said(tmp_path: Path) -> None:
    _, out, err = run(tmp_path)
    assert commands(out) == commands(err) == []


def test_a_run_that_passes_has_no_error(tmp_path: Path) -> None:
    code, _, err = run(tmp_path, "def default(): pass\n", GITHUB_ACTIONS="true")
    assert (code, commands(err)) == (0, [])


def test_the_page_begins_with_the_verdict(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    run(tmp_path, GITHUB_STEP_SUMMARY=str(page))
    lines = page.read_text().splitlines()
    assert lines[0] == "## k6ws"
    assert lines[2].startswith("**FAILED** ")


def told(result: k6ws.Result, script: Path | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    github.tell(result, script, said.append)
    return said


def test_what_separates_in_a_command_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    metric = "checks{check:50%, a::b\r\n::set-env name=x::}"
    result = k6ws.run(lambda: None, thresholds={metric: ["rate>0.5"]})
    [line] = told(result, None, monkeypatch)
    assert line.startswith("::error title=threshold of checks{check%3A50%25%2C a%3A%3Ab")
    head, _, message = line.removeprefix("::").partition("::")
    assert "\n" not in line
    assert head.count(":") == 0
    assert message == "rate>0.5 does not hold: no data"


def test_of_many_the_first_ones_are_told_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thresholds: dict[str, list[str | k6ws.Threshold]] = {
        "iterations": [f"count>{number}" for number in range(100, 125)]
    }
    lines = told(k6ws.run(lambda: None, thresholds=thresholds), None, monkeypatch)
    assert len(lines) == 11
    assert lines[-1] == "::error title=thresholds::15 more do not hold"


@pytest.mark.parametrize("content", [b"def (", b"\x00", b"\xff\xfe", b"(" * 5000])
def test_a_script_that_is_no_python_costs_only_the_places(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "archive.tar"
    script.write_bytes(content)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    result = k6ws.run(lambda: None, thresholds={"iterations": ["count>9"]})
    for one in (script, tmp_path / "gone.py"):
        [line] = told(result, one, monkeypatch)
        assert line.startswith("::error title=threshold of iterations::")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::stop-commands::pwned", ": :stop-commands::pwned"),
        ("a\n   ::error::x\r::warning::y", "a\n   : :error::x\r: :warning::y"),
        ("x ##[group]y ##[x]", "x # #[group]y # #[x]"),
        ("a::b # [x]", "a::b # [x]"),
    ],
)
def test_what_is_shown_is_no_command(
    text: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert github.harmless(text) == shown
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert github.harmless(text) == text


def test_texts_of_a_script_or_a_peer_are_no_commands(tmp_path: Path) -> None:
    source = """
import logging
from k6ws import check

def default():
    check(1, {"##[add-mask]1": True})
    logging.error("one\\n  ::set-env name=x::y")
    raise ValueError("::stop-commands::pwned")
"""
    _, out, err = run(tmp_path, source, GITHUB_ACTIONS="true")
    said = [line.strip() for line in (out + err).splitlines()]
    assert [line for line in said if line.startswith("::") or "##[" in line] == []
    for text in (": :stop-commands::pwned", ": :set-env name=x::y", "# #[add-mask]1"):
        assert text in out + err
    _, out, err = run(tmp_path, source)
    assert "::stop-commands::pwned" in out + err
    assert "##[add-mask]1" in out


def test_a_step_of_several_runs_stays_within_what_github_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    result = k6ws.run(lambda: k6ws.check(1, {f"check {n} " + "x" * 150: True for n in range(9000)}))
    for _ in range(3):
        github.tell(result, None, lambda _: None)
    assert 900 * 1024 - 200 < page.stat().st_size < 900 * 1024 + 500
    text = page.read_text()
    assert text.count("The rest is left out") == 3
    assert text.count("\n## k6ws\n") <= 2


def test_a_page_goes_on_in_a_line_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    page.write_text("| a table |")
    github.tell(k6ws.run(lambda: None), None, lambda _: None)
    assert page.read_text().startswith("| a table |\n\n## k6ws\n")
    page.write_text("before\n")
    github.tell(k6ws.run(lambda: None), None, lambda _: None)
    assert page.read_text().startswith("before\n## k6ws\n")


def test_a_workspace_behind_a_link_keeps_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "script.py").write_text(SCRIPT + '\n"\\d"\n')
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "link"))
    result = k6ws.run(lambda: None, thresholds={"iterations": ["count>100"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [line] = told(result, tmp_path / "link" / "script.py", monkeypatch)
    assert "file=script.py,line=5::" in line
