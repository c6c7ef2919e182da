"""Scripts from files, from standard input, and what is no script: one line and the right exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.command import k6ws

TIMEOUT_S = 30


def from_stdin(source: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", "-", *words],
        input=source,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        cwd=cwd,
    )


def test_a_script_comes_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WORD = 'imported'\n")
    source = "import beside\noptions = {'iterations': 2}\ndef default(): print(beside.WORD)\n"
    done = from_stdin(source, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("imported\nimported\n")


def test_errors_of_a_script_from_standard_input_show_its_lines(tmp_path: Path) -> None:
    done = from_stdin("def default():\n    raise ValueError('broken')  # here\n", cwd=tmp_path)
    assert 'File "<stdin>", line 2, in default' in done.stderr
    assert "# here" in done.stderr
    done = from_stdin("def default(:\n", cwd=tmp_path)
    assert done.returncode == 107
    assert "<stdin> is not valid Python" in done.stderr


def test_what_cannot_be_read_is_255_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("def default(): pass\n")
    done = k6ws("run", tmp_path / "scirpt.py")
    assert (done.code, done.out) == (255, "")
    assert "No such file or directory" in done.err
    assert f"hint: did you mean '{tmp_path / 'script.py'}'?" in done.err
    done = k6ws("run", tmp_path)
    assert done.code == 255
    assert "Is a directory" in done.err
    assert "hint: name a script in it: script.py" in done.err
    done = k6ws("run", "/no/such/folder/script.py")
    assert done.code == 255
    assert done.err.count("\n") == 1


MISSPELLED = """
one = {"executor": "per-vu-iterations", "exec": "raed"}
options = {"scenarios": {"one": one}}
def read(): 0
"""


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("def defualt(): pass\n", 104, "is its function 'defualt' meant to be 'default'?"),
        ("def main(): pass\n", 104, "define `def default():` in the script"),
        ("default = 5\n", 104, "has no function 'default'"),
        ("def default():\n    yield 1\n", 104, "'default' is a generator"),
        ("async def default():\n    yield 1\n", 104, "'default' is a generator"),
        (
            MISSPELLED,
            104,
            "is its function 'read' meant to be 'raed'?",
        ),
        ("options = ['vus']\ndef default(): pass\n", 104, "`options`"),
        ("options = {'vus': object()}\ndef default(): pass\n", 104, "no option"),
        ("options = {'vusers': 3}\noptions = {'vus': 'x'}\ndef default(): pass\n", 104, "'vus'"),
        ("def default()\n", 107, "not valid Python"),
        ("x = 1\0\ndef default(): pass\n", 107, "null bytes"),
    ],
)
def test_a_script_that_cannot_be_run_says_why(
    tmp_path: Path, source: str, code: int, said: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(source)
    done = k6ws("run", "-q", script)
    assert (done.code, done.out) == (code, ""), done.err
    assert said in done.err
    assert "/k6ws/_" not in done.err, "none of our own frames"


@pytest.mark.parametrize("name", ["script.js", "script.mjs", "script.ts", "script.py"])
def test_a_script_in_javascript_is_called_so(tmp_path: Path, name: str) -> None:
    script = tmp_path / name
    script.write_text("import ws from 'k6/ws';\nexport default function () {}\n")
    done = k6ws("run", script)
    assert (done.code, done.out) == (107, "")
    kind = "TypeScript" if name.endswith(".ts") else "JavaScript"
    assert f"{name} is {kind}, and k6ws runs scripts in Python" in done.err
    assert "hint: the page From k6 to k6ws shows how" in done.err
    assert "SyntaxError" not in done.err


def test_a_data_file_that_is_not_found_says_where_it_was_looked_for(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("users = open('./users.csv').read()\ndef default(): pass\n")
    done = k6ws("run", script)
    assert done.code == 107
    assert (
        f"hint: './users.csv' is looked for in the working directory, {str(Path.cwd())!r}"
        in done.err
    )
    assert "Path(__file__).parent" in done.err


def test_an_unknown_option_is_remarked_on_and_a_misspelled_one_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("options = {'whatever': 3, '_vus': 2}\ndef default(): pass\n")
    done = k6ws("inspect", "--execution-requirements", script)
    assert done.code == 0
    assert "unknown option 'whatever' in the script options" in done.err
    assert "unknown option '_vus' in the script options" in done.err
    script.write_text("options = {'vuss': 3}\ndef default(): pass\n")
    done = k6ws("run", script)
    assert done.code == 104
    assert "'vuss' (from the script options): there is no such option" in done.err
    assert "hint: did you mean 'vus'?" in done.err
    scenario = {"executor": "constant-vus", "duration": "5s", "gracefulstop": "1s"}
    script.write_text(f"options = {{'scenarios': {{'a': {scenario}}}}}\ndef default(): pass\n")
    done = k6ws("inspect", "--execution-requirements", script)
    assert done.code == 104
    assert "'scenarios.a.gracefulstop'" in done.err
    assert "(from the script options)" in done.err
    assert "did you mean 'gracefulStop'?" in done.err
