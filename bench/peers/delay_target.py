"""A target that holds each request for as long as it says, and tells in the reply how long it was.

A request is `{"id": …, "delay": MS}`. The reply repeats its `id`; `held` are the nanoseconds from the
kernel's stamp of the request until just before the write of the reply, by the target's own clock. It is a
WebSocket target, and with `tcp` as its argument one of lines. Prints its URL; runs until it is killed.
"""

from __future__ import annotations

import heapq
import json
import select
import sys
import time

from stamped import Client, accept, listen

_SPIN_NS = 2_000_000
"""So long before a reply is due the target waits no more, but looks again and again."""


def main(scheme: str) -> None:
    listener = listen()
    print(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)
    clients: dict[int, Client] = {}
    # When it is due, a number that keeps their order, when it arrived, to whom, and its id.
    held: list[tuple[int, int, int, Client, int]] = []
    number = 0
    while True:
        left = held[0][0] - time.time_ns() if held else None
        wait = -1 if left is None else max(left - _SPIN_NS, 0) / 1e9
        for descriptor, _ in poller.poll(wait):
            if descriptor == listener.fileno():
                client = accept(listener, scheme)
                clients[client.sock.fileno()] = client
                poller.register(client.sock, select.EPOLLIN)
                continue
            client = clients[descriptor]
            try:
                payloads, stamp = client.receive()
            except (EOFError, ConnectionError):
                poller.unregister(descriptor)
                client.sock.close()
                del clients[descriptor]
                continue
            for payload in payloads:
                asked = json.loads(payload)
                number += 1
                due = stamp + int(asked["delay"] * 1e6)
                heapq.heappush(held, (due, number, stamp, client, asked["id"]))
        while held and held[0][0] <= time.time_ns():
            _, _, stamp, client, asked_id = heapq.heappop(held)
            took = time.time_ns() - stamp
            try:
                client.reply(b'{"id":%d,"held":%d}' % (asked_id, took))
            except OSError:
                continue


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["ws"]))
