"""Where log lines and prints of a run go, and how they look. Each case is a process of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

TIMEOUT_S = 30

TALKS = """
    import logging
    logger = logging.getLogger(__name__)

    options = {"vus": 1, "iterations": 1, "nonsense": 1}

    def default():
        print("printed")
        logger.info("two  spaces")
        logging.warning("warned")
        logging.info("unheard")
        raise ValueError("broken")
"""


def run(folder: Path, source: str, *words: str, **variables: str) -> tuple[int, str, str]:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(source))
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", str(script), *words],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env=os.environ | variables,
    )
    return done.returncode, done.stdout, done.stderr


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_lines_of_k6ws_and_of_the_script_are_on_stderr(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, TALKS, "-q")
    assert code == 0
    assert out.startswith("printed\n")
    lines = err.splitlines()
    assert lines[0] == "WARNING unknown option 'nonsense' in the script options"
    assert lines[1:3] == ["INFO two spaces", "WARNING warned"]
    assert lines[3].startswith("ERROR an iteration of scenario default failed")
    assert lines[-1] == "ValueError: broken"
    assert "unheard" not in err


def test_json_has_one_object_for_each_record(tmp_path: Path) -> None:
    _, _, err = run(tmp_path, TALKS, "-q", "--log-format", "json")
    found = records(err)
    assert len(found) == len(err.splitlines()) == 4
    assert [(one["level"], one["source"]) for one in found] == [
        ("warning", "k6ws"),
        ("info", "console"),
        ("warning", "root"),
        ("error", "k6ws"),
    ]
    assert found[1]["msg"] == "two  spaces"
    assert found[3]["msg"].endswith("ValueError: broken")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z", one["time"]) for one in found)


def test_raw_is_the_text_alone(tmp_path: Path) -> None:
    _, _, err = run(tmp_path, TALKS, "-q", K6WS_LOG_FORMAT="raw")
    assert err.splitlines()[1:3] == ["two spaces", "warned"]


def test_a_file_takes_all_lines_or_those_of_a_level(tmp_path: Path) -> None:
    log = tmp_path / "k6.log"
    _, _, err = run(tmp_path, TALKS, "-q", "--log-output", f"file={log}")
    assert err == ""
    assert "INFO two  spaces\n" in log.read_text()
    strict = tmp_path / "strict.log"
    run(tmp_path, TALKS, "-q", "--log-output", f"file={strict},level=error")
    assert strict.read_text().startswith("ERROR an iteration")


@pytest.mark.parametrize("value", ["file=", "file=/no/such/folder/x.log", "file=x,level=loud"])
def test_a_log_that_cannot_be_kept_ends_the_run_before_it_begins(
    tmp_path: Path, value: str
) -> None:
    code, out, err = run(tmp_path, TALKS, "--log-output", value)
    assert (code, out) == (104, "")
    assert "--log-output" in err
    assert "Traceback" not in err


def test_none_is_silent_and_stdout_is_stdout(tmp_path: Path) -> None:
    _, out, err = run(tmp_path, TALKS, "-q", "--log-output", "none")
    assert err == ""
    assert "INFO" not in out
    _, out, err = run(tmp_path, TALKS, "-q", "--log-output", "stdout")
    assert err == ""
    assert "INFO two spaces\n" in out


def test_verbose_tells_where_options_come_from(tmp_path: Path) -> None:
    _, _, err = run(tmp_path, TALKS, "-v", "--user-agent", "x", K6_SETUP_TIMEOUT="5s")
    assert "DEBUG options from the script: vus, iterations, nonsense\n" in err
    assert "DEBUG options from the environment: K6_SETUP_TIMEOUT\n" in err
    assert "DEBUG options from the command line: user_agent\n" in err
    assert "unheard" in err


def test_a_script_that_sets_up_logging_gets_what_it_asked_for(tmp_path: Path) -> None:
    source = """
        import logging
        logging.basicConfig(level=logging.INFO, format="mine: %(message)s")

        def default():
            logging.info("said")
    """
    _, _, err = run(tmp_path, source, "-q")
    assert err == "mine: said\n"


def test_prints_can_go_to_a_file(tmp_path: Path) -> None:
    console = tmp_path / "console.txt"
    console.write_text("before\n")
    for variables in ({}, {"K6_CONSOLE_OUTPUT": str(console)}):
        words = () if variables else ("--console-output", str(console))
        code, out, _ = run(tmp_path, TALKS, *words, **variables)
        assert code == 0
        assert "printed" not in out
        assert "TOTAL RESULTS" in out
    assert console.read_text() == "before\nprinted\nprinted\n"
    code, _, err = run(tmp_path, TALKS, "--console-output", "/no/such/folder/x")
    assert code == 104
    assert "--console-output" in err


def test_a_script_that_fails_all_the_time_is_told_once(tmp_path: Path) -> None:
    source = """
        options = {"vus": 1, "iterations": 500}
        def default():
            raise ValueError("broken")
    """
    code, out, err = run(tmp_path, source, "-q")
    assert code == 0
    assert err.count("ValueError: broken") == 1
    assert "500" in out


def on_a_terminal(folder: Path, source: str, *words: str, **variables: str) -> str:
    """What a terminal shows that both streams go to."""
    script = folder / "script.py"
    script.write_text(textwrap.dedent(source))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", str(script), *words],
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"} | variables,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # how a pty tells its end
            break
        if not more:
            break
        shown += more
    os.close(ours)
    assert process.wait(TIMEOUT_S) == 0
    return shown.decode()


CONFIGURED = """
    import logging
    logging.basicConfig(level=logging.INFO, format="mine: %(message)s")
    from k6ws import sleep

    options = {"vus": 1, "iterations": 1}

    def default():
        sleep(0.3)
        logging.info("said")
        print("printed")
        sleep(0.3)
"""


def test_on_a_terminal_lines_of_the_script_stand_above_the_progress(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, CONFIGURED)
    # A line that knows of the progress erases it first, and draws it again below.
    said = shown.index("mine: said")
    assert "\x1b[2K" in shown[said - 60 : said] or "\x1b[1A" in shown[said - 60 : said]
    assert "printed" in shown


@pytest.mark.parametrize(
    "variables",
    [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {"K6WS_NO_COLOR": "true"}, {"K6_NO_COLOR": "1"}],
)
def test_colours_can_be_forbidden(tmp_path: Path, variables: dict[str, str]) -> None:
    assert re.search("\x1b\\[[0-9;]+m", on_a_terminal(tmp_path, CONFIGURED)), "there are some"
    assert not re.search("\x1b\\[[0-9;]+m", on_a_terminal(tmp_path, CONFIGURED, **variables))


def test_linger_waits_for_a_signal_and_keeps_the_exit_code(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default(): pass\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", "-q", "--linger", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "Ctrl-C ends --linger" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, err) == (0, "")
    assert "TOTAL RESULTS" in out
