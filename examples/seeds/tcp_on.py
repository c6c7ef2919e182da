"""The program of k6's page `Socket.on()` of `k6/x/tcp` (the next version), in Python.

The page leaves a server to its reader: `k6ws echo --tcp`, then
`k6ws run examples/seeds/tcp_on.py -e HOST=… -e PORT=…`.
"""

import asyncio
import logging

from k6ws import env
from k6ws.tcp import Socket

console = logging.getLogger(__name__)


async def default():
    socket = Socket()
    closed = asyncio.Event()

    @socket.on("close")
    def _():
        print("Connection closed")
        closed.set()

    @socket.on("connect")
    def _():
        print("Connected to server")

    @socket.on("data")
    def _(data):
        print("Received:", data.decode("latin-1"))
        socket.destroy()

    @socket.on("error")
    def _(err):
        console.error("Socket error: %s", err)
        socket.destroy()

    @socket.on("timeout")
    def _():
        print("Socket timed out")
        socket.destroy()

    await socket.connect(env["PORT"], env["HOST"])
    await socket.write("Hello, server!")

    await closed.wait()
