"""Files that results go to: nothing is lost for them, they are there whole, and all tell one exit code."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from k6ws import _page
from support.command import Done, k6ws

TIMEOUT_S = 60
QUIET = "def default():\n    pass\n"
STUBBORN = """
    options = {"scenarios": {"hog": {
        "executor": "constant-vus", "vus": 1, "duration": "1s", "gracefulStop": "0s"}}}

    def default():
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
"""
COMMAND = """
import sys
from pathlib import Path
from k6ws import _page
_page.PAGE = Path(sys.argv.pop(1))
from k6ws._cli.main import entry
entry()
"""
SHELL = '<script type="application/json" id="data"></script>'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shell.html"
    path.write_text(SHELL)
    monkeypatch.setattr(_page, "PAGE", path)
    return path


def start(folder: Path, source: str, *words: str, **variables: str) -> subprocess.Popen[str]:
    (folder / "script.py").write_text(textwrap.dedent(source))
    command = [sys.executable, "-c", COMMAND, str(folder / "shell.html"), "run", "-q", "script.py"]
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONUTF8": "1", **variables}
    return subprocess.Popen(
        [*command, *words], cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def run(folder: Path, source: str, *words: str, **variables: str) -> Done:
    process = start(folder, source, *words, **variables)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Done(process.returncode, out, err)


def told_codes(folder: Path) -> dict[str, object]:
    """What each file in a folder says that the run ended with."""
    codes: dict[str, object] = {}
    if (export := folder / "run.json").exists():
        document = json.loads(export.read_text())
        codes["export"] = document["exit_code"]
        codes["export.run"] = document["run"]["exit_code"]
        assert document["passed"] is (document["exit_code"] == 0)
        assert document["generated_at"]
    if (junit := folder / "run.xml").exists():
        failure = ET.parse(junit).find("testsuite[@name='run']/testcase/failure")
        message = "exit code 0" if failure is None else failure.attrib["message"]
        codes["junit"] = int(message.partition("exit code ")[2].partition(";")[0])
    if (page := folder / "run.html").exists():
        data = page.read_text().partition('id="data">')[2].partition("</script>")[0]
        summary = json.loads(data)["summary"]
        codes["page"] = summary["exit_code"]
        assert summary["passed"] is (summary["exit_code"] == 0)
    if (recorded := folder / "run.k6ws").exists():
        codes["recording"] = k6ws("report", recorded).code
    if (step := folder / "step.md").exists():
        codes["step"] = step.read_text().splitlines()[2].partition(" ")[0].strip("*")
    return codes


EVERYWHERE = (
    *("--summary-export", "run.json", "--junit", "run.xml", "--report", "run.html"),
    *("-o", "snapshots=run.k6ws"),
)


def test_a_run_that_passed_is_told_so_everywhere(tmp_path: Path, shell: Path) -> None:
    del shell
    done = run(tmp_path, QUIET, *EVERYWHERE, GITHUB_STEP_SUMMARY=str(tmp_path / "step.md"))
    assert done.code == 0, done.err
    codes = told_codes(tmp_path)
    assert codes.pop("step") == "PASSED"
    assert codes.keys() == {"export", "export.run", "junit", "page", "recording"}
    assert set(codes.values()) == {0}


def test_a_run_that_cannot_be_ended_is_told_so_everywhere(tmp_path: Path, shell: Path) -> None:
    del shell
    done = run(tmp_path, STUBBORN, *EVERYWHERE, GITHUB_STEP_SUMMARY=str(tmp_path / "step.md"))
    assert done.code == 109, done.err
    codes = told_codes(tmp_path)
    assert codes.pop("step") == "FAILED"
    assert codes.keys() == {"export", "export.run", "junit", "page", "recording"}
    assert set(codes.values()) == {109}


@pytest.mark.parametrize(
    ("source", "words", "missing"),
    [
        (QUIET, ("--junit", "/dev/full"), "--junit"),
        (f"{QUIET}def handle_summary(data): raise ValueError", (), ""),
        (
            f"{QUIET}def handle_summary(data): return {{'/nonexistent/x': 'y'}}",
            (),
            "handle_summary",
        ),
        (f"{QUIET}def handle_summary(data): return 7", (), ""),
    ],
)
def test_what_comes_late_is_told_everywhere(
    tmp_path: Path, shell: Path, source: str, words: tuple[str, ...], missing: str
) -> None:
    del shell
    step = tmp_path / "step.md"
    done = run(tmp_path, source, *EVERYWHERE, *words, GITHUB_STEP_SUMMARY=str(step))
    assert done.code == 255, done.err
    codes = told_codes(tmp_path)
    assert codes.pop("step") == "FAILED"
    assert set(codes.values()) == {255}
    assert len(codes) == (4 if "--junit" in words else 5)
    assert missing in done.out + done.err


def test_a_page_that_is_lost_is_not_named_as_what_to_open(tmp_path: Path, shell: Path) -> None:
    del shell
    words = ("--report", "/dev/full", "--summary-export", "run.json", "--junit", "run.xml")
    done = run(tmp_path, QUIET, *words)
    assert done.code == 255
    assert "not written: --report (No space left on device)" in done.out.splitlines()[-1]
    assert not done.out.rstrip().endswith("/dev/full")
    assert set(told_codes(tmp_path).values()) == {255}
    again = run(tmp_path, QUIET, "--report", "run.html")
    assert again.out.rstrip().endswith(" · run.html")


def test_strict_asks_again_when_something_came_late(tmp_path: Path, shell: Path) -> None:
    del shell
    raises = f"{QUIET}def handle_summary(data): raise ValueError\n"
    for source, words in [
        (QUIET, ("--strict", "--report", "/dev/full")),
        (QUIET, ("--strict", "--junit", "/dev/full")),
        (raises, ("--strict",)),
    ]:
        done = run(tmp_path, source, "--summary-export", "run.json", *words)
        assert done.code == 113, done.err
        assert done.err.count("not all went well, and --strict is on") == 1
        assert set(told_codes(tmp_path).values()) == {113}
    thresholds = "options = {'thresholds': {'iterations': ['count>9']}}\n"
    done = run(tmp_path, thresholds + QUIET, "--strict", "--junit", "/dev/full")
    assert done.code == 99


def test_a_report_whose_text_is_lost_is_no_success(tmp_path: Path, shell: Path) -> None:
    del shell
    assert run(tmp_path, QUIET, "-o", "snapshots=run.k6ws").code == 0
    command = [sys.executable, "-m", "k6ws", "report", "run.k6ws", "--summary-export", "run.json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=30, check=False
        )
    assert done.returncode == 255, done.stderr
    (tmp_path / "run.k6ws").unlink()
    assert set(told_codes(tmp_path).values()) == {255}


def test_a_report_that_loses_a_file_says_so_in_the_others(tmp_path: Path, shell: Path) -> None:
    del shell
    assert run(tmp_path, QUIET, "-o", "snapshots=kept.k6ws").code == 0
    page, export = tmp_path / "run.html", tmp_path / "run.json"
    words = ("--report", page, "--summary-export", export)
    done = k6ws("report", tmp_path / "kept.k6ws", "--junit", "/dev/full", *words)
    assert done.code == 255
    assert set(told_codes(tmp_path).values()) == {255}


def test_a_recording_that_was_cut_is_no_success_in_any_file(tmp_path: Path, shell: Path) -> None:
    del shell
    lasts = "from k6ws import sleep\ndef default():\n    sleep(1.3)\n"
    assert run(tmp_path, lasts, "-o", "snapshots=kept.k6ws").code == 0
    kept = tmp_path / "kept.k6ws"
    kept.write_bytes(kept.read_bytes()[:-5])
    files = [tmp_path / name for name in ("run.html", "run.json", "run.xml")]
    words = ("--report", files[0], "--summary-export", files[1], "--junit", files[2])
    assert k6ws("report", kept, *words).code == 255
    assert set(told_codes(tmp_path).values()) == {255}


def test_without_a_summary_it_is_said_that_there_are_no_files(tmp_path: Path, shell: Path) -> None:
    del shell
    words = ("--summary-mode", "disabled", "--junit", "run.xml", "--report", "run.html")
    done = run(tmp_path, QUIET, *words, "-o", "snapshots=run.k6ws")
    said = "WARNING --summary-mode=disabled: nothing goes to --junit, --report\n"
    assert (done.code, done.out, done.err) == (0, "", said)
    assert told_codes(tmp_path) == {"recording": 0}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--junit", "script.py"), "the script and --junit name one file"),
        (("--summary-export", "link.py"), "the script and --summary-export name one file"),
        (("--report", "hard.py"), "the script and --report name one file"),
        (
            ("-o", "snapshots=same", "--report", "same"),
            "-o snapshots=same and --report name one file",
        ),
        (("-o", "csv=fileName=same", "--junit", "./same"), "and --junit name one file"),
        (("-o", "json=old", "--junit", "old"), "and --junit name one file"),
        (("--console-output", "old", "--junit", "old"), "--console-output and --junit name one"),
        (("--log-output", "file=old", "--junit", "old"), "--log-output and --junit name one"),
        (("--junit", "old", "--summary-export", "hard-old"), "--junit name one file"),
        (("--junit", "old", "--vus", "nonsense"), ""),
        (("--junit", "old", "--summary-export", "no/such/folder/x"), "cannot write --summary-exp"),
        (("--junit", "old", "--summary-export", "."), "Is a directory"),
        (("--junit", "old", "--summary-export", "-"), "is no file"),
        (("--junit", "old", "--report", ""), "is no file"),
        (("--junit", "old", "--dashboard="), "'dashboard' = '': expected HOST:PORT"),
    ],
)
def test_what_is_refused_costs_no_file(
    tmp_path: Path, shell: Path, words: tuple[str, ...], said: str
) -> None:
    del shell
    (tmp_path / "link.py").symlink_to("script.py")
    (tmp_path / "script.py").write_text(QUIET)
    (tmp_path / "hard.py").hardlink_to(tmp_path / "script.py")
    (tmp_path / "old").write_text("the last one")
    (tmp_path / "hard-old").hardlink_to(tmp_path / "old")
    before = sorted(tmp_path.iterdir())
    done = run(tmp_path, QUIET, *words)
    assert done.code in {104, 255}, done.err
    assert said in done.err
    assert (tmp_path / "script.py").read_text() == QUIET
    assert (tmp_path / "old").read_text() == "the last one"
    assert sorted(tmp_path.iterdir()) == before


def test_a_script_that_is_not_there_costs_no_file(tmp_path: Path, shell: Path) -> None:
    del shell
    old = tmp_path / "old.json"
    old.write_text("the last one")
    for words in (("nosuch.py",), ("bad.py",)):
        (tmp_path / "bad.py").write_text("raise ValueError\n")
        assert k6ws("run", tmp_path / words[0], "--summary-export", old).code in {107, 255}
        assert old.read_text() == "the last one"


def test_a_report_does_not_take_what_it_is_made_of(tmp_path: Path, shell: Path) -> None:
    del shell
    assert run(tmp_path, QUIET, "-o", "snapshots=run.k6ws").code == 0
    kept = tmp_path / "run.k6ws"
    before = kept.read_bytes()
    for flag in ("--summary-export", "--junit", "--report"):
        done = k6ws("report", kept, flag, kept)
        assert done.code == 104
        assert f"FILE and {flag} name one file" in done.err
        assert kept.read_bytes() == before


def test_a_run_that_is_killed_leaves_the_last_result(tmp_path: Path, shell: Path) -> None:
    del shell
    (tmp_path / "old").write_text("the last one")
    before = {*tmp_path.iterdir(), tmp_path / "script.py"}
    waits = "import time\ndef default():\n    print('on', flush=True)\n    time.sleep(60)\n"
    words = ("--junit", "old", "--summary-export", "new", "--report", "page")
    process = start(tmp_path, waits, *words)
    assert process.stdout is not None
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TIMEOUT_S)
    assert (tmp_path / "old").read_text() == "the last one"
    assert set(tmp_path.iterdir()) == before


def test_a_file_that_is_made_anew_stays_what_it_was(tmp_path: Path, shell: Path) -> None:
    del shell
    real, link, hard = tmp_path / "real", tmp_path / "link", tmp_path / "hard"
    real.write_text("the last one" * 1000)
    real.chmod(0o640)
    link.symlink_to(real)
    assert run(tmp_path, QUIET, "--summary-export", "link").code == 0
    assert link.is_symlink()
    assert json.loads(real.read_text())["passed"] is True
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    # Another name of the same file is to see the new one as well.
    hard.hardlink_to(real)
    assert run(tmp_path, QUIET, "--junit", "real").code == 0
    assert hard.read_text().startswith("<?xml")
    mask = os.umask(0o027)
    try:
        assert run(tmp_path, QUIET, "--junit", "fresh").code == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o640


def test_a_pipe_is_written_once(tmp_path: Path, shell: Path) -> None:
    del shell
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    # What is lost elsewhere is known before anything is said that stays said.
    done = run(tmp_path, QUIET, "--summary-export", "pipe", "--report", "/dev/full")
    assert done.code == 255
    reader.join(TIMEOUT_S)
    assert json.loads(read[0])["metrics"]["iterations"]["values"]["count"] == 1
    lonely = run(tmp_path, QUIET, "--summary-export", "pipe")
    assert lonely.code == 255
    assert "could not be written: --summary-export" in lonely.err


def test_a_file_can_be_where_the_command_prints(tmp_path: Path, shell: Path) -> None:
    del shell
    (tmp_path / "script.py").write_text(QUIET)
    command = [sys.executable, "-m", "k6ws", "run", "script.py", "--junit", "/dev/stdout"]
    with (tmp_path / "out").open("w") as out:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=out, stderr=subprocess.DEVNULL, timeout=30, check=False
        )
    assert done.returncode == 0
    text = (tmp_path / "out").read_text()
    assert "<testsuites" in text
    assert text.splitlines()[-1].startswith("PASSED")
