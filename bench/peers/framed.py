"""Lines that come back, in k6ws: `framed.py WAY HOST PORT CONNS EACH`; `k6_tcp.js` does the same in k6.

`WAY`: `session` asks and waits on `tcp.open`, `recv` sends and receives there, `socket` has k6's handlers.
Prints what it did: messages, and the seconds of its longest VU.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import k6ws
from k6ws import framing, tcp
from k6ws.correlate import in_order

LINE = "x" * 63


def script(way: str, host: str, port: int, each: int) -> Callable[[], None]:
    def asks() -> None:
        with tcp.open(host, port, framing=framing.lines(), correlate=in_order()) as session:
            for _ in range(each):
                session.request(LINE, "line")

    def receives() -> None:
        with tcp.open(host, port, framing=framing.lines()) as session:
            for _ in range(each):
                session.send(LINE)
                session.recv()

    def has_handlers() -> None:
        socket = tcp.Socket(framing=framing.lines())
        left = each

        def answer(_line: str) -> None:
            nonlocal left
            left -= 1
            if left:
                socket.write(LINE)
            else:
                socket.destroy()

        socket.on("connect", lambda: socket.write(LINE))
        socket.on("data", answer)
        socket.connect(port, host)

    return {"session": asks, "recv": receives, "socket": has_handlers}[way]


def main(way: str, host: str, port: int, conns: int, each: int) -> str:
    result = k6ws.run(script(way, host, port, each), vus=conns, iterations=conns)
    assert not result.exceptions, result.exceptions
    assert not result.connection_failures, result.connection_failures
    assert result.metrics["tcp_msgs_received"].count == conns * each
    wall_ms = result.metrics["iteration_duration"]["max"]
    return json.dumps({"messages": conns * each, "wall_s": wall_ms / 1000})


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
