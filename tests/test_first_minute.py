"""Before anything is built: what is missing is said at once, and nothing that takes long is silent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECK = ROOT / ".ci" / "check-prerequisites"
PROGRESS = ROOT / ".ci" / "with-progress"
# What the script itself is made of.
ALWAYS_THERE = ("bash", "dirname", "sed", "cut", "head", "sort", "cat")

GOOD = {
    "python3": 'case "$2" in *version*) echo 3.11.0 ;; esac',
    "rustc": "echo 'rustc 1.88.0 (0123456 2025-06-23)'",
    "cargo": "echo 'cargo 1.88.0'",
    "cc": "true",
}
CASES: list[tuple[str, dict[str, str | None], list[str]]] = [
    ("all is there", {}, []),
    ("a later Python", {"python3": GOOD["python3"].replace("3.11", "3.14")}, []),
    ("no Python", {"python3": None}, ["Python 3.11 or newer: install"]),
    ("a stand-in for Python", {"python3": "exit 127"}, ["Python 3.11 or newer: install"]),
    (
        "an old Python",
        {"python3": GOOD["python3"].replace("3.11", "3.9")},
        ["Python 3.11 or newer (python3 is 3.9.0)"],
    ),
    (
        "no venv",
        {"python3": GOOD["python3"] + '\ncase "$2" in *ensurepip*) exit 1 ;; esac'},
        ["venv of python3: apt-get install python3-venv"],
    ),
    (
        "uv does without venv",
        {"python3": GOOD["python3"] + '\ncase "$2" in *ensurepip*) exit 1 ;; esac', "uv": "true"},
        [],
    ),
    ("no cargo", {"cargo": None}, ["Rust 1.88 or newer, with cargo on PATH: https://rustup.rs"]),
    ("no rustc", {"rustc": None}, ["Rust 1.88 or newer, with cargo on PATH: https://rustup.rs"]),
    (
        "an old Rust",
        {"rustc": "echo 'rustc 1.87.0 (17067e9ac 2025-05-09)'"},
        ["Rust 1.88 or newer (rustc is 1.87.0): rustup update"],
    ),
    ("a nightly Rust", {"rustc": "echo 'rustc 1.88.0-nightly (0 2025-04-01)'"}, []),
    (
        "no C compiler",
        {"cc": None},
        ["a C compiler (cc), for TLS and to link: apt-get install gcc"],
    ),
    ("no headers", {"cc": "exit 1"}, ["what the C compiler (cc) needs to make a program"]),
    ("nothing", dict.fromkeys(GOOD), ["Python 3.11", "Rust 1.88", "a C compiler"]),
]


def machine(folder: Path, tools: dict[str, str | None]) -> dict[str, str]:
    """The environment of a machine that has these tools and no others."""
    for name in ALWAYS_THERE:
        real = next(path for one in os.get_exec_path() if (path := Path(one) / name).exists())
        (folder / name).symlink_to(real)
    for name, body in (GOOD | tools).items():
        if body is not None:
            (folder / name).write_text(f"#!{folder}/bash\n{body}\n")
            (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


@pytest.mark.parametrize(
    ("tools", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_missing_is_a_line_each(
    tools: dict[str, str | None], expected: list[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [CHECK], env=machine(tmp_path, tools), capture_output=True, text=True, check=False
    )
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (bool(expected), "", len(expected)), lines
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"missing: {start}")


def test_the_core_alone_needs_no_python(tmp_path: Path) -> None:
    environment = machine(tmp_path, {"python3": None})
    subprocess.run([CHECK, "rust", "cc"], env=environment, check=True)


@pytest.mark.parametrize("goal", ["demo", "test", "build", "wheel", "lint", "all"])
def test_a_command_checks_before_it_begins(goal: str) -> None:
    # `make -n` prints what it would do; a make above this one must not pass its own flags on.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "-n", "-B", goal],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ".ci/check-prerequisites" in done.stdout.splitlines()[0]


def test_a_silent_command_is_told_of_until_it_ends(tmp_path: Path) -> None:
    log = tmp_path / "log"
    # As cargo says it on a terminal, and a bar before it as pip draws it.
    said = "\u2501\u2501 \r   \x1b[1m\x1b[32mCompiling\x1b[0m k6ws v1\n"
    waits = f"import sys; sys.stdout.buffer.write({said.encode()!r}); sys.stdout.flush(); input()"
    with subprocess.Popen(
        [PROGRESS, log, "building", sys.executable, "-c", waits],
        env={**os.environ, "PROGRESS_EVERY_S": "0.1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        assert running.stdout.readline() == "building\n"
        told = iter(running.stdout.readline, "")
        assert any(re.fullmatch(r" +\d+ s  Compiling k6ws v1\n", line) for line in told)
        running.stdin.write("\n")
        running.stdin.close()
        rest = running.stdout.read()
    assert running.returncode == 0
    assert "\x1b" not in rest
    assert log.read_bytes().decode() == said


def test_a_command_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    fails = "import sys; print('one'); sys.exit('two')"
    done = subprocess.run(
        [PROGRESS, tmp_path / "log", "building", sys.executable, "-c", fails],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "building\n")
    assert sorted(done.stderr.splitlines()) == ["one", "two"]


def test_what_is_shown_as_it_comes_is_not_kept() -> None:
    done = subprocess.run(
        [PROGRESS, "-", "", sys.executable, "-c", "print('a line'); raise SystemExit(3)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "a line\n", "")
