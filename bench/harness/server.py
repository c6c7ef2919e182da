"""The server of one run: started on its core, watched for how busy it is, stopped for its counters.

Every run gets a server of its own, so its counters belong to exactly one client and no run meets
the sockets another has left in TIME_WAIT.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .machine import OUT, SERVER_CORE, cpu_seconds, spawn


@dataclass(frozen=True)
class Counters:
    """What the server has seen, printed when it stops."""

    connections: int
    messages_in: int
    messages_out: int


@dataclass
class Server:
    url: str
    process: subprocess.Popen[bytes]
    _seen: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def sample(self) -> None:
        """Note the clock and the CPU time used so far."""
        self._seen.append((time.monotonic(), cpu_seconds(self.process.pid)))

    @property
    def watched(self) -> tuple[float, float]:
        """When it was first and last sampled."""
        return self._seen[0][0], self._seen[-1][0]

    def busy(self, started: float, ended: float) -> float:
        """The share of a core used between two points of the monotonic clock; 0 if not watched."""
        inside = [seen for seen in self._seen if started <= seen[0] <= ended]
        if len(inside) < 2:
            return 0.0
        (begin, cpu_before), (end, cpu_after) = inside[0], inside[-1]
        return (cpu_after - cpu_before) / (end - begin)

    def stop(self) -> Counters:
        self.process.terminate()
        output, _ = self.process.communicate(timeout=10)
        return Counters(**json.loads(output))


@contextmanager
def echo_target(*flags: str) -> Generator[str]:
    """The echo target of k6ws, on the server's core; its URL."""
    command = [sys.executable, "-m", "k6ws", "echo", "--port", "0", *flags]
    OUT.mkdir(exist_ok=True)
    process = spawn(command, core=SERVER_CORE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None  # stdout=PIPE above
        yield process.stdout.readline().decode().strip()
    finally:
        process.kill()
        process.communicate()


@contextmanager
def serve(*mode: str) -> Generator[Server]:
    """Start `server MODE…`; whoever leaves without `stop()` has its server killed."""
    process = spawn([OUT / "server", *mode], core=SERVER_CORE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None  # stdout=PIPE above
        yield Server(process.stdout.readline().decode().strip(), process)
    finally:
        process.kill()
        process.communicate()
