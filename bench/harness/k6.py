"""The peer that cannot measure itself: k6 with `k6/ws`, if `k6` is on PATH.

A k6 script sees no CPU time, so the whole process is charged (children included), less what the
same VUs cost when they connect and send nothing. That start-up run is made once per number of VUs.
Messages are the server's count.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field

from .machine import CLIENT_CORE, await_exit, spawn
from .peers import PEERS, Command, Observed, Reading, Request
from .server import serve

K6 = "k6 (k6/ws)"
_STARTUP_MS = 300
_TIMEOUT = 120.0


class K6StartupError(Exception):
    """The start-up run did not end well, so there is nothing to subtract."""


@dataclass
class K6Peer:
    name: str = K6
    versions: str = ""
    _startup_cpu: dict[int, float] = field(default_factory=dict[int, float])

    def missing(self) -> str | None:
        return None if shutil.which("k6") else "no `k6` on PATH"

    def command(self, request: Request) -> Command:
        load = request.workload
        lifetime = int((request.warmup + request.seconds) * 1000)
        return _command(request.url, load.conns, load.in_flight, lifetime)

    def read(self, observed: Observed) -> Reading:
        request = observed.request
        startup = self._startup(request.workload.conns)
        started, ended = observed.life
        return Reading(
            messages=observed.counters.messages_in,
            cpu_s=observed.ended.cpu_s - startup,
            wall_s=request.warmup + request.seconds,
            started=started,
            ended=ended,
            total=None,
        )

    def _startup(self, vus: int) -> float:
        if vus not in self._startup_cpu:
            with serve("echo") as server:
                command = _command(server.url, vus, 0, _STARTUP_MS)
                process = spawn(
                    command.argv,
                    core=CLIENT_CORE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                ended = await_exit(process, _TIMEOUT, lambda: None)
                if ended.exit_code != 0:
                    raise K6StartupError(f"k6 start-up run: exit code {ended.exit_code}")
                self._startup_cpu[vus] = ended.cpu_s
        return self._startup_cpu[vus]


def _command(url: str, vus: int, in_flight: int, lifetime_ms: int) -> Command:
    return Command(
        [
            # No control API (older versions have it on by default) and no usage report.
            *("k6", "run", "--quiet", "--address=", "--no-usage-report"),
            *("--vus", str(vus), "--iterations", str(vus)),
            *("-e", f"BENCH_URL={url}", "-e", f"BENCH_IN_FLIGHT={in_flight}"),
            *("-e", f"BENCH_MS={lifetime_ms}", PEERS / "k6_ws.js"),
        ]
    )
