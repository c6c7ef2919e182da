"""`make bench-framed`: R12, lines over TCP that come back one by one; k6 with `k6/x/tcp` in the same rounds.

Each client has one core and as many messages; the echo target has the other. k6 is left out, and nothing is
judged, where no `k6` on PATH has the module.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from statistics import median

from harness.machine import PINNED
from harness.measure import execute
from harness.peers import PEERS, Command
from harness.server import echo_target

WAYS = ("session", "recv", "socket")
K6 = "k6 (k6/x/tcp)"
LEAST = 5.0
CONNS = 50
EACH = 4_000
_TIMEOUT_S = 300.0


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    clients = [*WAYS, K6] if _has_module() else [*WAYS]
    found = [{client: _rate(client) for client in clients} for _ in range(rounds)]
    print(f"{rounds} rounds, load average {os.getloadavg()[0]:.1f}, cores of their own: {PINNED}")
    print(f"lines of 64 bytes, {CONNS} connections, one under way on each: messages a second")
    for client in clients:
        print(f"  {client:<15}{_spread([figures[client] for figures in found], 0)}")
    if K6 not in clients:
        print("  R12 is not judged: no `k6` on PATH has the module k6/x/tcp")
        return 0
    for way in WAYS:
        ratios = [figures[way] / figures[K6] for figures in found]
        verdict = "ok" if median(ratios) >= LEAST else "MISSED"
        print(f"  {verdict:<7}R12, {way}: {_spread(ratios, 2)} × {K6}, ≥ {LEAST:g}")
    return 0


def _spread(values: list[float], digits: int) -> str:
    least, middle, most = (f"{one(values):,.{digits}f}" for one in (min, median, max))
    return f"{middle} ({least}-{most})"


def _has_module() -> bool:
    if not shutil.which("k6"):
        return False
    told = subprocess.run(["k6", "version"], capture_output=True, text=True, check=False)
    return "k6/x/tcp" in told.stdout


def _rate(client: str) -> float:
    with echo_target("--tcp") as url:
        address = url.removeprefix("tcp://").rstrip("/")
        host, port = address.rsplit(":", 1)
        command = Command(
            _k6(address)
            if client == K6
            else [sys.executable, PEERS / "framed.py", client, host, port, str(CONNS), str(EACH)]
        )
        text, _ = execute(command, _TIMEOUT_S, lambda: None)
    told = json.loads(text)
    assert told["messages"] == CONNS * EACH, told
    return told["messages"] / told["wall_s"]


def _k6(address: str) -> list[str]:
    flags = ["--quiet", "--address=", "--no-usage-report", "--vus", str(CONNS)]
    env = ["-e", f"BENCH_ADDRESS={address}", "-e", f"BENCH_EACH={EACH}"]
    return ["k6", "run", *flags, "--iterations", str(CONNS), *env, str(PEERS / "k6_tcp.js")]


if __name__ == "__main__":
    sys.exit(main())
