"""Starts programs that nobody here wrote, and skips with the name of the package where one is missing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 15
ROOT = Path(__file__).parent.parent.parent
NODE_MODULES = ROOT / ".make" / "node" / "node_modules"


def needs(program: str, package: str) -> str:
    """The path of a program, or a skip that names its package."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"needs {program}: package {package} (`make test-servers` installs it)")
    return path


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(
    command: list[str], port: int, variables: Mapping[str, str] | None = None
) -> Generator[None, None, None]:
    """Run a program while it listens on `port`."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(variables or {})},
    )
    try:
        if not wait_for(port, process):
            process.kill()
            said = process.communicate()[0].decode(errors="replace")
            pytest.fail(f"{command[0]} did not start: {said}")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def wait_for(port: int, process: subprocess.Popen[Any], patience_s: float = PATIENCE_S) -> bool:
    """Whether a program listens on a port, waited for: it does not tell."""
    deadline = time.monotonic() + patience_s
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
