"""The API of ``k6/websockets``: the WebSocket of browsers, many of them in one VU.

For example::

    from k6ws.websockets import WebSocket

    def default():
        socket = WebSocket("ws://127.0.0.1:8765/")
        socket.onopen = lambda: socket.send("hello")
        socket.onmessage = lambda event: (print(event.data), socket.close())

An open socket keeps the iteration going; its handlers run once the function has returned, or while an
`async def` function awaits. In a plain program they run in :func:`k6ws.wait`, in a program with an asyncio
loop on that loop.
"""

from k6ws._core import MessageEvent
from k6ws.errors import InvalidAccessError, InvalidStateError, WSError
from k6ws.websockets.blob import Blob
from k6ws.websockets.events import CloseEvent, ErrorEvent, Event
from k6ws.websockets.socket import WebSocket

__all__ = [
    "Blob",
    "CloseEvent",
    "ErrorEvent",
    "Event",
    "InvalidAccessError",
    "InvalidStateError",
    "MessageEvent",
    "WSError",
    "WebSocket",
]
