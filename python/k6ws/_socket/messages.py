"""What one connection makes of its bytes where a script asked for messages: its framing, and its codec.

The core cuts what comes by the framing; here what is sent gets its frame, and the codec makes objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k6ws._socket.coder import Coder, coder_of
from k6ws._socket.surrogates import as_utf8
from k6ws.framing import Raw

if TYPE_CHECKING:
    from k6ws import _core
    from k6ws._params import CodecSetting


class Messages:
    """How a connection speaks; of each connection its own, since a codec keeps what is left of a stream."""

    __slots__ = ("_given", "coder", "framing")

    def __init__(self, framing: _core.Framing | None, codec: CodecSetting | None) -> None:
        self._given = framing, codec
        self.framing = framing
        self.coder: Coder | None = coder_of(codec)

    def anew(self) -> Messages:
        """How another connection to the same peer speaks: what is left of a stream is left behind."""
        return Messages(*self._given)

    @property
    def has_own_codec(self) -> bool:
        """Whether code of the script makes objects of what comes."""
        return self.coder is not None and self.coder.is_python

    def said(self, message: Any) -> Any:
        """A message of a WebSocket as it is sent: text or bytes, if the codec or the framing made it.

        Raises:
            FramingError: The framing cannot send it.
            CodecError: The codec cannot say it.
        """
        if type(message) is Raw:
            return bytes(message)
        if self.coder is not None:
            message = self.coder.encode(message)
        if self.framing is None:
            return message
        data = self.framing.wrap(message)
        return data.decode("utf-8", "surrogateescape") if isinstance(message, str) else data

    def framed(self, message: Any) -> bytes:
        """What is written for a message.

        Raises:
            FramingError: The framing cannot send it.
            CodecError: The codec cannot say it. What a script's ``encode`` raises passes as it is.
            TypeError: It is neither text nor bytes, and there is no codec.
        """
        if type(message) is Raw:
            return bytes(message)
        if self.coder is not None:
            message = self.coder.encode(message)
        if self.framing is not None:
            return self.framing.wrap(message)
        return as_utf8(message) if isinstance(message, str) else bytes(message)


def messages_of(framing: _core.Framing | None, codec: CodecSetting | None) -> Messages | None:
    """How a connection speaks, if it has anything to say about it."""
    return None if framing is None and codec is None else Messages(framing, codec)
