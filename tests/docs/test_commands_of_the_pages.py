"""Every command of k6ws that a page about a task shows is one that runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import k6ws
from k6ws import _core
from support.dashboards import command

PAGES = sorted((Path(__file__).parents[2] / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SCRIPT = """
from k6ws import env, ws

options = {"vus": 4, "iterations": 4}


def default():
    ws.connect(env["URL"], lambda socket: socket.close())
"""
DOCTOR_FOUND_SOMETHING = 1
_AT_ANY_PORT = {"--dashboard": "--dashboard=127.0.0.1:0"}


def commands() -> list[str]:
    lines = [
        line
        for page in PAGES
        for block in BLOCK.findall(page.read_text())
        for line in block.splitlines()
    ]
    return [line for line in lines if re.match(r"([A-Z]+=\S+ )*k6ws ", line)]


def test_the_pages_have_commands() -> None:
    assert len(commands()) >= 6


@pytest.mark.parametrize("line", commands())
def test_a_command_runs(line: str, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    echo = _core.EchoServer("127.0.0.1", 0)
    words = shlex.split(line, comments=True)
    start = words.index("k6ws")
    if words[start + 1] == "report":
        for name in (word for word in words if word.endswith(".k6ws")):
            k6ws.run(lambda: None, iterations=1, out=[f"snapshots={tmp_path / name}"])
    variables = dict(word.split("=", 1) for word in words[:start])
    ran = subprocess.run(
        # With a page of its own, which need not be built, and a port that is free.
        [*command(tmp_path), *(_AT_ANY_PORT.get(word, word) for word in words[start + 1 :])],
        cwd=tmp_path,
        env={**os.environ, "URL": echo.url(), **variables},
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    echo.stop()
    fine = {0, DOCTOR_FOUND_SOMETHING} if words[start + 1] == "doctor" else {0}
    assert ran.returncode in fine, ran.stderr
    assert "connection failures" not in ran.stdout
