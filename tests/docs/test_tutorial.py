"""The tutorial, taken as a reader takes it: files are saved, commands run, and what it shows is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from k6ws import _core

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "first-load-test.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SERVICE = "k6ws echo --chat"
EXIT_CODES = [0, 0, 99, 0]


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    return re.sub(
        r"\b\d+(?:\.\d+)?(?:ns|µs|ms|s)\b|\s+", lambda it: "#" if it[0].strip() else " ", line
    ).strip()


@pytest.mark.timeout(90)
def test_every_step(tmp_path: Path) -> None:
    room = _core.EchoServer("127.0.0.1", 0, None, "chat")
    environment = {**os.environ, "URL": room.url(), "PYTHONUTF8": "1"}
    codes: list[int] = []
    shown = ""
    for language, text in BLOCKS:
        if language == "python":
            (tmp_path / "chat.py").write_text(text)
        elif language == "sh" and text.strip() != SERVICE:
            words = text.removeprefix("k6ws ").split()
            ran = subprocess.run(
                [sys.executable, "-m", "k6ws", *words],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=25,
                check=False,
            )
            codes.append(ran.returncode)
            shown = ran.stdout + ran.stderr
        elif language == "text":
            lines = [plain(line) for line in shown.splitlines()]
            for line in filter(None, map(plain, text.splitlines())):
                assert any(one.startswith(line) for one in lines), (line, shown)
    room.stop()
    assert codes == EXIT_CODES
    assert (tmp_path / "report.xml").read_text().startswith("<?xml")
