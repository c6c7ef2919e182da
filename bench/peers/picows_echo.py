"""Peer: picows on uvloop, its callback listener, payloads taken as bytes.

picows is given its cheapest form: no check of the frame type (an echo server sends nothing but
data) and no automatic ping.
"""

# A peer may be absent: the harness then skips it and says so.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import asyncio
import sys

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from window import PAYLOAD, Load, Window

BINARY = WSMsgType.BINARY


class Echo(WSListener):
    def __init__(self, window: Window, in_flight: int) -> None:
        super().__init__()
        self.window = window
        self.in_flight = in_flight

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        data = frame.get_payload_as_bytes()
        window = self.window
        window.messages += 1
        if not window.stopping:
            transport.send(BINARY, data)
            return
        self.in_flight -= 1
        if self.in_flight == 0:
            transport.disconnect()


async def main(load: Load) -> None:
    window = Window()
    connections = await asyncio.gather(
        *(ws_connect(lambda: Echo(window, load.in_flight), load.url) for _ in range(load.conns))
    )
    for transport, _ in connections:
        for _ in range(load.in_flight):
            transport.send(BINARY, PAYLOAD)
    loop = asyncio.get_running_loop()
    loop.call_later(load.warmup, window.open)
    loop.call_later(load.warmup + load.seconds, window.close)
    await asyncio.gather(*(transport.wait_disconnected() for transport, _ in connections))
    print(window.result())


if __name__ == "__main__":
    uvloop.run(main(Load.parse(sys.argv[1:])))
