"""One workload, so many times: `python instructions.py WORKLOAD URL COUNT CONNECTIONS`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from exchanges import script

import k6ws
from k6ws import ws


def echo(url: str, count: int, conns: int) -> None:
    """Round trips, one VU for each connection."""
    each = count // conns

    def default() -> None:
        left = each

        def received(_message: str) -> None:
            nonlocal left
            left -= 1
            if left > 0:
                socket_of[0].send("x" * 64)
            else:
                socket_of[0].close()

        socket_of: list[ws.Socket] = []

        def session(socket: ws.Socket) -> None:
            socket_of.append(socket)
            socket.on("open", lambda: socket.send("x" * 64))
            socket.on("message", received)

        ws.connect(url, session)

    k6ws.run(default, vus=conns, iterations=conns)


def fan_in(url: str, count: int, conns: int) -> None:
    """Messages that the server pushes."""
    each = count // conns

    def default() -> None:
        left = each

        def session(socket: ws.Socket) -> None:
            def received(_message: bytes | str) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    socket.close()

            socket.on("binaryMessage", received)
            socket.on("message", received)

        ws.connect(url, session)

    k6ws.run(default, vus=conns, iterations=conns)


def iteration(_url: str, count: int, _conns: int) -> None:
    """Iterations of a function that does nothing."""
    k6ws.run(lambda: None, vus=1, iterations=count)


def connect(url: str, count: int, _conns: int) -> None:
    """Sessions that are opened and closed."""

    def session(socket: ws.Socket) -> None:
        socket.on("open", socket.close)

    k6ws.run(lambda: ws.connect(url, session), vus=1, iterations=count)


def asked(mode: str) -> Callable[[str, int, int], None]:
    """Exchanges that are timed, as `exchanges.py` makes them."""

    def run(url: str, count: int, conns: int) -> None:
        k6ws.run(script(mode, url, conns, count // conns), vus=conns, iterations=conns)

    return run


WORKLOADS = {
    "echo": echo,
    "fan-in": fan_in,
    "iteration": iteration,
    "connect": connect,
    "request": asked("request"),
    "start": asked("start"),
    "callback": asked("callback"),
    "correlate": asked("correlate"),
}

if __name__ == "__main__":
    WORKLOADS[sys.argv[1]](sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
