"""What the README opens with: the script is `examples/hello.py`, and its run prints what is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from k6ws import _core

ROOT = Path(__file__).parents[2]
HELLO = ROOT / "examples" / "hello.py"
SCRIPT, OUTPUT = (
    re.findall(
        rf"^```{kind}\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )[0]
    for kind in ("python", "text")
)


def shape(line: str) -> str:
    """A line without its figures, and without what a machine under load says of them."""
    line = re.sub(r"not trustworthy: .*", "trustworthy", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?(µs|ms|s|m)?", "N", line)).strip()


def test_the_script_is_that_of_the_examples() -> None:
    assert HELLO.read_text() == SCRIPT
    assert len(SCRIPT.splitlines()) == 12


def test_its_run_prints_what_is_shown() -> None:
    target = _core.EchoServer("127.0.0.1", 0, None, "echo")
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-e", f"URL={target.url()}", HELLO],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    target.stop()
    assert done.returncode == 0, done.stdout
    printed = iter([shape(line) for line in done.stdout.splitlines()])
    shown = [shape(line) for line in OUTPUT.splitlines() if line.strip()]
    assert len(shown) > 10
    # In this order, with other lines between.
    assert [line for line in shown if line not in printed] == []
