"""Fan-in: a server floods CONNS connections with N messages of 100 bytes each; a handler counts them.

`fan_in.py CLIENT URL CONNS N`, CLIENT being `websockets`, `ws` (both k6ws) or `picows`. Prints the CPU
microseconds per message, from the first message to the last.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from typing import Any


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def websockets(url: str, conns: int, wanted: int) -> float:
    import k6ws  # noqa: PLC0415 - each client loads its own library only
    from k6ws.websockets import WebSocket  # noqa: PLC0415

    got, began = 0, 0.0

    def default() -> None:
        sockets = [WebSocket(url) for _ in range(conns)]

        def on_message(_event: object) -> None:
            nonlocal got, began
            if got == 0:
                began = _cpu_seconds()
            got += 1
            if got == wanted:
                began = _cpu_seconds() - began
                for socket in sockets:
                    socket.close()

        for socket in sockets:
            socket.binary_type = "arraybuffer"
            socket.add_event_listener("message", on_message)

    k6ws.run(default, vus=1, iterations=1)
    assert got == wanted, f"{got} of {wanted} messages"
    return began


def ws(url: str, conns: int, wanted: int) -> float:
    import k6ws  # noqa: PLC0415

    got, began = 0, 0.0
    each = wanted // conns

    def session(socket: k6ws.ws.Socket) -> None:
        mine = 0

        def on_message(_message: object) -> None:
            nonlocal got, began, mine
            if got == 0:
                began = _cpu_seconds()
            got += 1
            mine += 1
            if got == wanted:
                began = _cpu_seconds() - began
            if mine == each:
                socket.close()

        socket.on("message", on_message)
        socket.on("binaryMessage", on_message)

    k6ws.run(lambda: k6ws.ws.connect(url, session), vus=conns, iterations=conns)
    assert got == wanted, f"{got} of {wanted} messages"
    return began


def picows(url: str, conns: int, wanted: int) -> float:
    import asyncio  # noqa: PLC0415
    import importlib  # noqa: PLC0415

    import uvloop  # noqa: PLC0415

    # Installed for benchmarks only, so that nothing is known of its types where they are checked.
    lib: Any = importlib.import_module("picows")

    got, began = 0, 0.0

    async def main() -> None:
        done = asyncio.Event()

        class Listener(lib.WSListener):
            def on_ws_frame(self, _transport: object, frame: Any) -> None:
                nonlocal got, began
                if frame.msg_type == lib.WSMsgType.BINARY:
                    frame.get_payload_as_bytes()
                elif frame.msg_type == lib.WSMsgType.TEXT:
                    frame.get_payload_as_utf8_text()
                else:
                    return
                if got == 0:
                    began = _cpu_seconds()
                got += 1
                if got == wanted:
                    began = _cpu_seconds() - began
                    done.set()

        transports = [(await lib.ws_connect(Listener, url))[0] for _ in range(conns)]
        await done.wait()
        for transport in transports:
            transport.disconnect()

    uvloop.run(main())
    return began


CLIENTS: dict[str, Callable[[str, int, int], float]] = {
    "websockets": websockets,
    "ws": ws,
    "picows": picows,
}


def main() -> None:
    client, url, conns, each = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    wanted = conns * each
    print(CLIENTS[client](url, conns, wanted) / wanted * 1e6)


if __name__ == "__main__":
    main()
