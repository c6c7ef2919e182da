"""Runs whose pages are looked at, as processes, with every file that says their numbers."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
K6WS = [sys.executable, "-m", "k6ws"]
PATIENCE_S = 90


@dataclass(frozen=True)
class Run:
    """A run that is over, and its files."""

    folder: Path
    code: int
    out: str
    err: str

    @property
    def report(self) -> Path:
        """The saved page."""
        return self.folder / "report.html"

    @property
    def snapshots(self) -> Path:
        """What the run said of itself, second by second."""
        return self.folder / "run.k6ws"

    @property
    def summary(self) -> dict[str, Any]:
        """The document of `--summary-export`."""
        return json.loads((self.folder / "summary.json").read_text())


@contextlib.contextmanager
def echo(*flags: str) -> Generator[str, None, None]:
    """The URL of a `k6ws echo`, while that lasts."""
    command = [*K6WS, "echo", "--port", "0", *flags]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as target:
        try:
            assert target.stdout is not None
            # The first line is the URL, printed once it accepts connections.
            url = target.stdout.readline().strip()
            assert "://" in url, "the echo target did not start"
            yield url
        finally:
            target.terminate()


@cache
def _help() -> str:
    command = [*K6WS, "run", "--help"]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    ).stdout


def needs(*flags: str) -> None:
    """Skip a test of a page that `k6ws run` of this checkout cannot make."""
    missing = [flag for flag in flags if flag not in _help()]
    if missing:
        pytest.skip(f"k6ws run has no {', '.join(missing)}")


def begin(
    script: Path, folder: Path, *words: str, variables: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """Start a run that keeps all its files in `folder`."""
    needs("--report")
    files = [
        "--summary-export",
        "summary.json",
        "--report",
        "report.html",
        "-o",
        "snapshots=run.k6ws",
    ]
    given = [word for one in variables for word in ("-e", one)]
    return subprocess.Popen(
        [*K6WS, "run", *files, *words, str(script), *given],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def end(process: subprocess.Popen[str], folder: Path) -> Run:
    """Wait for the end of a run."""
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Run(folder, process.returncode, out, err)


def run(script: Path, folder: Path, *words: str, variables: Sequence[str] = ()) -> Run:
    """One run from its start to its end."""
    return end(begin(script, folder, *words, variables=variables), folder)
