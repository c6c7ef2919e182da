"""``Blob``: immutable bytes with a type, as the web has them (https://w3c.github.io/FileAPI/)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from k6ws._loop import Operation, current, settled
from k6ws._socket.surrogates import as_utf8
from k6ws.errors import K6Error


class Blob:
    """Immutable bytes, made of parts.

    Args:
        parts: An iterable of text (taken as UTF-8), buffers and blobs, joined in order; ``None`` is empty.
        options: ``{"type": "text/plain"}``.

    Raises:
        K6Error: A part or the options are of another type, in k6's words.

    Example:
        >>> from k6ws.websockets import Blob
        >>> blob = Blob(["P", b"ASS"], {"type": "text/plain"})
        >>> blob.size, blob.text().wait(), blob.slice(1, 3).text().wait()
        (4, 'PASS', 'AS')
    """

    __slots__ = ("_bytes", "_type")

    def __init__(
        self, parts: Iterable[Any] | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        self._bytes = b"" if parts is None else b"".join(_parts(parts))
        self._type = _type(options)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self._bytes)

    @property
    def type(self) -> str:
        """The type given to it, or empty."""
        return self._type

    def array_buffer(self) -> Operation[bytes]:
        """The content as ``bytes``; awaited, or ``.wait()`` in blocking code."""
        return settled(current(), "blob.array_buffer()", self._bytes)

    def bytes(self) -> Operation[Any]:
        """The same as :meth:`array_buffer`: ``bytes`` are both in Python."""
        return settled(current(), "blob.bytes()", self._bytes)

    def text(self) -> Operation[str]:
        """The content as text; what is not UTF-8 becomes U+FFFD."""
        text = self._bytes.decode("utf-8", "replace")
        return settled(current(), "blob.text()", text)

    def slice(self, start: int = 0, end: int | None = None, content_type: str = "") -> Blob:
        """A part of it, by W3C's rules: negative positions count from the end, others are clamped."""
        size = len(self._bytes)
        first = _position(start, size)
        last = size if end is None else _position(end, size)
        part = Blob()
        part._bytes = self._bytes[first:last]
        part._type = content_type
        return part

    def stream(self) -> BlobStream:
        """The content as a stream of one chunk; the blob stays as it is."""
        return BlobStream(self._bytes)

    def __bytes__(self) -> bytes:
        return self._bytes

    def __len__(self) -> int:
        return len(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Blob) and (self._bytes, self._type) == (other._bytes, other._type)

    def __hash__(self) -> int:
        return hash((self._bytes, self._type))

    def __str__(self) -> str:
        return "[object Blob]"

    def __repr__(self) -> str:
        return f"<Blob of {self.size} bytes{f', {self._type}' if self._type else ''}>"

    arrayBuffer = array_buffer  # noqa: N815 - k6's spelling


class BlobStream:
    """What :meth:`Blob.stream` gives: iterate over it, plainly or with ``async for``, or read it once."""

    __slots__ = ("_chunk",)

    def __init__(self, content: bytes) -> None:
        """Made by the blob."""
        self._chunk: bytes | None = content or None

    def get_reader(self) -> BlobStream:
        """The stream itself, which is its own reader."""
        return self

    def read(self) -> Operation[dict[str, Any]]:
        """The next chunk as ``{"value": …, "done": …}``; awaited, or ``.wait()``."""
        chunk, self._chunk = self._chunk, None
        read = {"value": chunk, "done": chunk is None}
        return settled(current(), "reader.read()", read)

    def __iter__(self) -> Iterator[bytes]:
        chunk, self._chunk = self._chunk, None
        if chunk is not None:
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The chunks, in a coroutine."""
        for chunk in self:
            yield chunk

    getReader = get_reader  # noqa: N815 - k6's spelling


def _parts(parts: Any) -> Iterator[bytes]:
    if isinstance(parts, (str, bytes, bytearray, memoryview, Blob)):
        kind = type(parts).__name__  # pyright: ignore[reportUnknownArgumentType]
        message = f"failed to process [blobParts]: {kind} is not a list of parts"
        raise K6Error(message, "put it into a list: Blob([part])")
    try:
        iterator = iter(parts)
    except TypeError:
        message = f"failed to process [blobParts]: {type(parts).__name__} is not iterable"
        raise K6Error(message) from None
    for part in iterator:
        if isinstance(part, str):
            yield as_utf8(part)
        elif isinstance(part, Blob):
            yield bytes(part)
        else:
            yield _buffer(part)


def _buffer(part: Any) -> bytes:
    try:
        return memoryview(part).tobytes()
    except TypeError:
        kind = type(part).__name__
        message = f"failed to process [blobParts]: unsupported type: {kind}"
        raise K6Error(message) from None


def _type(options: Any) -> str:
    if options is None:
        return ""
    if not isinstance(options, Mapping):
        message = "[options] must be an object"
        raise K6Error(message)
    kind = options.get("type")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return "" if kind is None else str(kind)  # pyright: ignore[reportUnknownArgumentType]


def _position(value: int, size: int) -> int:
    return max(size + value, 0) if value < 0 else min(value, size)
