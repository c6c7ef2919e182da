"""`inspect`, `version`, `completion`, and what is no command."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path

import pytest

from k6ws import _core
from support.command import k6ws

SHELLS = {"bash": "complete", "zsh": "compdef", "fish": "complete --no-files"}


def test_inspect_prints_what_the_script_says_and_nothing_else(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "print('loading')\n"
        "options = {'vus': 3, 'user_agent': 'x', 'scenarios': None}\n"
        "def default(): raise SystemExit('must not run')\n"
    )
    done = k6ws("inspect", script, "-u", "9", variables={"K6WS_USER_AGENT": "y"})
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"vus": 3, "userAgent": "x"}
    assert done.err == "loading\n"


def test_inspect_adds_how_long_and_how_many(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "options = {'scenarios': {"
        "'a': {'executor': 'constant-vus', 'vus': 2, 'duration': '10s', 'gracefulStop': '5s'},"
        "'b': {'executor': 'constant-vus', 'vus': 3, 'duration': '10s', 'startTime': '1m'}}}\n"
        "def default(): pass\n"
    )
    done = k6ws("inspect", "--execution-requirements", script)
    values = json.loads(done.out)
    assert values["totalDuration"] == "1m40s"
    # The first scenario is over when the second begins: it serves with the same VUs.
    assert values["maxVUs"] == 3
    assert values["scenarios"]["b"]["startTime"] == "1m"


@pytest.mark.parametrize("words", [[], ["--execution-requirements"]])
def test_inspect_finds_what_a_run_would_refuse(tmp_path: Path, words: list[str]) -> None:
    script = tmp_path / "script.py"
    script.write_text("options = {'vus': 0}\ndef default(): pass\n")
    assert k6ws("inspect", script, *words).code == 104
    script.write_text("def defualt(): pass\n")
    done = k6ws("inspect", script, *words)
    assert done.code == 104
    assert "is its function 'defualt' meant to be 'default'?" in done.err


def test_the_environment_reaches_an_inspected_script_only_if_asked_for(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import env\n"
        "options = {'vus': int(env.get('HOW_MANY', '1'))}\ndef default(): pass\n"
    )
    many = {"HOW_MANY": "7"}
    assert json.loads(k6ws("inspect", script, variables=many).out) == {"vus": 1}
    asked = k6ws("inspect", script, "--include-system-env-vars", variables=many)
    assert json.loads(asked.out) == {"vus": 7}
    assert json.loads(k6ws("inspect", script, "-e", "HOW_MANY=8").out) == {"vus": 8}


def test_the_version_is_a_line_or_an_object() -> None:
    line = k6ws("version").out
    assert line.startswith(f"k6ws {_core.__version__} (")
    assert k6ws("--version").out == line
    facts = json.loads(k6ws("version", "--json").out)
    assert facts["version"] == _core.__version__
    assert facts["python_version"] == platform.python_version()


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_is_a_script_of_the_shell(shell: str) -> None:
    done = k6ws("completion", shell)
    assert done.code == 0, done.err
    assert "_K6WS_COMPLETE" in done.out
    assert SHELLS[shell] in done.out


def test_the_help_of_completion_has_a_line_for_each_shell() -> None:
    lines = k6ws("completion", "--help").out.splitlines()
    assert [line.split(":")[0].strip() for line in lines if "k6ws completion " in line][1:] == [
        "bash",
        "zsh",
        "fish",
    ]


def test_the_completion_of_bash_is_valid_and_knows_the_commands(tmp_path: Path) -> None:
    script = tmp_path / "complete.sh"
    script.write_text(k6ws("completion", "bash").out)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=20)
    asked = {"_K6WS_COMPLETE": "bash_complete", "COMP_WORDS": "k6ws in", "COMP_CWORD": "1"}
    assert k6ws(variables=asked).out == "plain,inspect\n"


def test_an_unknown_shell_or_command_is_255_with_what_was_meant() -> None:
    done = k6ws("completion", "tcsh")
    assert done.code == 255
    assert "'bash', 'zsh', 'fish'" in done.err
    done = k6ws("inspct", "x.py")
    assert done.code == 255
    assert "Did you mean 'inspect'?" in done.err


def test_nothing_at_all_is_the_help() -> None:
    done = k6ws()
    assert done.code == 0
    assert "archive" in done.out


def test_help_lists_each_command_with_a_whole_phrase() -> None:
    listed = k6ws("--help").out.partition("Commands:")[2]
    assert "..." not in listed
    assert "an archive of `k6ws archive`, or" in listed
