"""One run: a fresh server, one client, one `Sample` or the reason why there is none.

A sample is *server-bound*, and void, when the server was more than 90 % busy while the client still
had time to spare: what was measured then is the server. A client that is itself at its limit is
measured as such, however busy the server is (the floor and the server cost almost the same, so the
floor saturates both).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .k6 import K6StartupError
from .machine import CLIENT_CORE, OUT, Ended, await_exit, spawn
from .peers import Command, Observed, Peer, Reading, Request
from .server import Counters, serve
from .workloads import Plan, Workload

BUSY = 0.9
_SPARE_SECONDS = 30.0
_SECONDS_PER_CONNECTION = 0.02


@dataclass(frozen=True)
class Sample:
    """What one run of one peer gave."""

    peer: str
    workload: Workload
    round: int
    messages: int
    cpu_s: float
    wall_s: float
    server_busy: float

    @property
    def us_per_message(self) -> float:
        return self.cpu_s / self.messages * 1e6

    @property
    def messages_per_second(self) -> float:
        return self.messages / self.wall_s

    @property
    def void(self) -> bool:
        return self.server_busy > BUSY and self.cpu_s / self.wall_s <= BUSY


@dataclass(frozen=True)
class Failure:
    """A run without a figure."""

    peer: str
    workload: Workload
    round: int
    reason: str


class RunError(Exception):
    """The client did not do what it was asked; the message says what it did instead."""


def measure(peer: Peer, workload: Workload, plan: Plan, round_number: int) -> Sample | Failure:
    try:
        reading, busy = _run(peer, workload, plan)
    except (RunError, K6StartupError) as error:
        return Failure(peer.name, workload, round_number, str(error))
    return Sample(
        peer=peer.name,
        workload=workload,
        round=round_number,
        messages=reading.messages,
        cpu_s=reading.cpu_s,
        wall_s=reading.wall_s,
        server_busy=busy,
    )


def _run(peer: Peer, workload: Workload, plan: Plan) -> tuple[Reading, float]:
    timeout = plan.warmup + plan.seconds + _SPARE_SECONDS + workload.conns * _SECONDS_PER_CONNECTION
    with serve("echo") as server:
        request = Request(server.url, workload, plan.seconds, plan.warmup)
        server.sample()
        text, ended = execute(peer.command(request), timeout, server.sample)
        server.sample()
        observed = Observed(request, text, ended, server.stop(), server.watched)
    try:
        reading = peer.read(observed)
    except (ValueError, TypeError) as error:
        raise RunError(f"unreadable result {text[:200]!r}: {error}") from error
    if reading.messages <= 0:
        raise RunError("no message passed in the window")
    _check_counts(reading, observed.counters, workload)
    return reading, server.busy(reading.started, reading.ended)


def _check_counts(reading: Reading, counters: Counters, workload: Workload) -> None:
    """Nothing may be lost: a client's own total agrees with the server's to the message."""
    if counters.connections != workload.conns:
        raise RunError(f"{counters.connections} connections instead of {workload.conns}")
    total = reading.total
    if total is not None and (total, total) != (counters.messages_in, counters.messages_out):
        raise RunError(
            f"counts differ: client {total}, server in {counters.messages_in}, "
            f"out {counters.messages_out}"
        )


def execute(command: Command, timeout: float, each: Callable[[], None]) -> tuple[str, Ended]:
    """Run a client to its end and return what it reported. Raises RunError."""
    output, errors = OUT / "client.stdout", OUT / "client.stderr"
    with output.open("wb") as out, errors.open("wb") as err:
        process = spawn(command.argv, core=CLIENT_CORE, stdout=out, stderr=err, env=command.env)
        ended = await_exit(process, timeout, each)
    if ended.exit_code is None:
        raise RunError(f"did not end within {timeout:.0f} s{_last_line(errors)}")
    if ended.exit_code != 0:
        raise RunError(f"exit code {ended.exit_code}{_last_line(errors)}")
    result = command.result or output
    if not result.exists():
        raise RunError(f"wrote no result{_last_line(errors)}")
    return result.read_text(), ended


def _last_line(errors: Path) -> str:
    lines = errors.read_text(errors="replace").strip().splitlines()
    return f": {lines[-1]}" if lines else ""
