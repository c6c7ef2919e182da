"""A WebSocket target that keeps when each client came, and each message, by the kernel's stamp.

`pacing_target.py stall` answers each message, and stands still for a second of every ten. Prints its URL.
SIGTERM ends it: then it prints, as JSON, `connects` and `messages`, the latter for each
client, in nanoseconds since 1970.
"""

from __future__ import annotations

import json
import select
import signal
import sys
import time
from typing import Any

from stamped import Client, accept, listen

_EVERY_S, _STALL_S = 10.0, 1.0


class Struck(BaseException):
    """SIGTERM came."""


def stop(*_: Any) -> None:
    raise Struck


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    listener = listen()
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    connects: list[int] = []
    messages: list[list[int]] = []
    try:
        print(f"ws://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
        serve(listener.fileno(), lambda: accept(listener), poller, connects, messages)
    except Struck:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print(json.dumps({"connects": connects, "messages": messages}))


def serve(
    door: int, accept: Any, poller: select.epoll, connects: list[int], messages: list[list[int]]
) -> None:
    clients: dict[int, tuple[Client, list[int]]] = {}
    stalls = sys.argv[1:] == ["stall"]
    next_stall = time.monotonic() + _EVERY_S
    while True:
        if stalls and time.monotonic() >= next_stall:
            time.sleep(_STALL_S)
            next_stall += _EVERY_S
        for descriptor, _ in poller.poll():
            if descriptor == door:
                seen: list[int] = []
                client = accept()
                connects.append(time.time_ns())
                messages.append(seen)
                clients[client.sock.fileno()] = client, seen
                poller.register(client.sock, select.EPOLLIN)
                continue
            client, seen = clients[descriptor]
            try:
                payloads, stamp = client.receive()
            except (EOFError, ConnectionError):
                poller.unregister(descriptor)
                client.sock.close()
                del clients[descriptor]
                continue
            seen += [stamp] * len(payloads)
            for payload in payloads if stalls else ():
                client.sock.send(bytes((0x81, len(payload))) + payload)


if __name__ == "__main__":
    sys.exit(main())
