"""The sends of sockets that scripts hold, where Python is not needed."""

from typing import Any

from k6ws._core.acceptance import SourceBase

class SocketBase:
    """A socket of a script. What it does not send as it is goes to `_send` of the class above."""

    def _sends_through(self, source: SourceBase) -> None:
        """Say through whose connection it sends."""

class TextSocketBase(SocketBase):
    """The socket of `k6ws.ws`."""

    def send(self, data: str | float) -> None:
        """Send a text message; it leaves before the next event is handled.

        Args:
            data: Text. A number or boolean is sent as JavaScript writes it (``Date.now()`` ports).

        A socket that is closed reports ``websocket: close sent`` to the ``error`` handlers. When too much
        waits to be written, ``send`` waits for the peer to read, up to ``send_timeout``. A surrogate without
        its other half is sent as U+FFFD.

        Raises:
            TypeError: ``data`` is neither text nor a number.
            WSError: The session is over: ``connect`` has returned, and no handler is left to tell.
        """

class WebSocketBase(SocketBase):
    """The socket of `k6ws.websockets`."""

    def send(self, data: Any) -> None:
        """Send a message; it leaves before the next event is handled.

        Args:
            data: ``str`` is sent as text, a surrogate without its other half as U+FFFD; :class:`Blob`,
                ``bytes`` and other buffers as binary.

        Raises:
            InvalidStateError: The socket is not open. When its peer has just gone, the message counts as
                ``ws_msgs_unsent``, and ``close`` follows.
            K6Error: Data of another type; nothing is converted, unlike in ``k6/ws``.
            WSError: More than ``max_buffered`` waits, and the peer did not read within ``send_timeout``.
        """
