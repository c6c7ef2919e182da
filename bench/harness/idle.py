"""Memory of waiting virtual users: resident KiB per VU of k6ws, each with one idle socket."""

from __future__ import annotations

import json
from dataclasses import dataclass

from .measure import RunError, execute
from .peers import k6ws_command
from .server import serve

_TIMEOUT = 120.0


@dataclass(frozen=True)
class Idle:
    """What bench/peers/k6ws_idle.py reports."""

    vus: int
    rss_before_kib: int
    rss_after_kib: int
    kib_per_vu: float


def measure_idle(vus: int) -> Idle:
    """Raises RunError when the script does not report, or not all VUs were connected."""
    with serve("idle") as server:
        command = k6ws_command("k6ws_idle.py", vus, {"URL": server.url, "CONNS": str(vus)})
        text, _ = execute(command, _TIMEOUT, lambda: None)
        connections = server.stop().connections
    if connections != vus:
        raise RunError(f"{connections} connections instead of {vus}")
    try:
        return Idle(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise RunError(f"unreadable result {text[:200]!r}: {error}") from error
