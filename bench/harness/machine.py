"""Where things run: the two cores, the file limit, and what /proc says about a process.

The server gets the first core this process may use, every client the second. With a single core
they share it, and the figures can only be compared with others taken that way.
"""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
OUT = BENCH / "out"

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = _CORES[0]
CLIENT_CORE = _CORES[1] if len(_CORES) > 1 else _CORES[0]
PINNED = len(_CORES) > 1

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_POLL_SECONDS = 0.02


def raise_file_limit() -> None:
    """Raise the soft limit to the hard one; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spawn(
    argv: Sequence[str | Path],
    *,
    core: int,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process on one core, by inheritance: our own affinity changes for a moment."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env={**os.environ, **(env or {})},
            cwd=OUT,
        )
    finally:
        os.sched_setaffinity(0, ours)


def cpu_seconds(pid: int) -> float:
    """User and system time of a running process, in steps of a clock tick (10 ms)."""
    # The name in parentheses may contain anything; fields are counted after it.
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


@dataclass(frozen=True)
class Ended:
    """How a client ended. `cpu_s` covers its whole life, children included."""

    exit_code: int | None
    """None: it did not end in time and was killed."""
    cpu_s: float


def await_exit(process: subprocess.Popen[bytes], timeout: float, each: Callable[[], None]) -> Ended:
    """Wait for a process, calling `each` meanwhile; kill it after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    killed = False
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            # Popen must not wait again for a process that is already reaped.
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = usage.ru_utime + usage.ru_stime
            return Ended(None if killed else process.returncode, cpu)
        if not killed and time.monotonic() > deadline:
            process.kill()
            killed = True
        each()
        time.sleep(_POLL_SECONDS)
