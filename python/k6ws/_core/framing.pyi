"""How a stream is cut into messages; scripts call `k6ws.framing`, and `written` is how they write it."""

from re import Pattern
from typing import final

from k6ws._core.keys import Capture

@final
class Framing:
    """How a stream of bytes is cut into messages: made by the functions of :mod:`k6ws.framing`."""

    @staticmethod
    def lines(end: str, max: int, keeps_bad_utf8: bool, written: str) -> Framing:
        """Lines of text; `InvalidParameter` where it cannot be, here and below."""

    @staticmethod
    def delimiter(end: bytes, max: int, written: str) -> Framing:
        """Bytes up to an end."""

    @staticmethod
    def fixed(size: int, written: str) -> Framing:
        """So many bytes."""

    @staticmethod
    def length_prefix(prefix: tuple[int, bool, int, bool, int], max: int, written: str) -> Framing:
        """A length in front.

        `prefix` has its size, whether it is little-endian, the bytes before it, whether it counts itself, and
        what is added to it.
        """

    @staticmethod
    def varint(offset: int, max: int, written: str) -> Framing:
        """A varint in front."""

    @staticmethod
    def length_in_head(
        length: Capture | str | bytes | Pattern[str] | Pattern[bytes],
        end: bytes,
        tail: bytes,
        head: bytes | None,
        max: int,
        written: str,
    ) -> Framing:
        """A head that says how much follows it: `length` says where, and `head` is how heads are written."""

    @staticmethod
    def until_close(max: int, written: str) -> Framing:
        """All until the end."""

    @property
    def is_text(self) -> bool:
        """Whether messages are `str`; else they are `bytes`."""

    @property
    def max(self) -> int:
        """Bytes of a message at most."""

    def wrap(self, message: str | bytes | bytearray | memoryview) -> bytes:
        """Return a message as it goes on the wire.

        Raises:
            FramingError: It cannot be sent so.
        """

    def framer(self) -> Framer:
        """Return something that cuts one stream."""

@final
class Framer:
    """Cuts one stream; after an error it is of no more use."""

    def feed(self, data: bytes) -> list[str | bytes]:
        """Take the next bytes and return the messages that end in them.

        Raises:
            FramingError: The bytes are no frames.
        """

    def end(self) -> list[str | bytes]:
        """Return what the stream has left: a message, or nothing.

        Raises:
            FramingError: It ended within a frame.
        """

    def kept(self) -> int:
        """Bytes of an unfinished message that have come."""
