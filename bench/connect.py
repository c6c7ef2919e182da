"""Row kind: what a connect costs, of a VU of `k6ws run`, beside the bare system calls.

`connections.py` shows more of it: other clients, TLS, the library's sockets.
"""

from __future__ import annotations

import sys

from harness.measure import execute
from harness.peers import PEERS, Command, k6ws_command
from harness.rows import Effort, Kind, Row
from harness.server import echo_target

_CPU = "a connect in a VU: CPU"
_RATIO = "a connect in a VU"
_TIMEOUT_S = 120.0


def measure(effort: Effort) -> dict[str, float]:
    """The bare system calls first, then as many VUs; a target of its own for each."""
    conns = str(effort.conns)
    with echo_target() as url:
        command = Command([sys.executable, PEERS / "connections.py", "sockets", url, conns])
        text, _ = execute(command, _TIMEOUT_S, lambda: None)
    bare = float(text.split()[0])
    with echo_target() as url:
        asked = {"URL": url, "CONNS": conns}
        command = k6ws_command("k6ws_connects.py", effort.conns, asked, prefix="")
        text, _ = execute(Command(command.argv, command.env), _TIMEOUT_S, lambda: None)
    ours = float(text)
    return {_CPU: ours, _RATIO: ours / bare}


KIND = Kind("connect", (Row(_CPU, "µs"), Row(_RATIO, "× bare system calls", 1.55)), measure)
