"""The API of ``k6/ws``: one blocking call that runs a WebSocket session.

For example::

    from k6ws import ws

    response = ws.connect("ws://127.0.0.1:8765/", lambda socket: socket.on("open", socket.close))
"""

from k6ws.errors import WSError
from k6ws.ws.connect import aconnect, connect
from k6ws.ws.response import Headers, Response
from k6ws.ws.socket import Socket

__all__ = ["Headers", "Response", "Socket", "WSError", "aconnect", "connect"]
