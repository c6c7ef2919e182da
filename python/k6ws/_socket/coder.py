"""What a connection makes of its messages, and messages of what a script sends: ``codec=`` at work.

A coder belongs to one connection, as what a stream has left over does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from k6ws import _core
from k6ws.errors import CodecError

if TYPE_CHECKING:
    from k6ws._params import CodecSetting
    from k6ws.framing import Codec

# As much as a message may have where nothing else is said.
_MOST_LEFT = 16 << 20


class Coder(Protocol):
    """What sessions use."""

    def decode(self, kind: int, data: Any, /) -> list[Any]:
        """The messages that end in what came: none, one or several.

        Args:
            kind: ``TEXT``, ``BINARY`` or ``DATA`` of the core.
            data: ``str`` or ``bytes``, as the kind says.

        Raises:
            CodecError: It is no message of this codec. What a script's ``parse`` raises passes as it is.
        """
        ...

    def pairs(self, kind: int, data: Any, /) -> list[tuple[str | bytes, Any]]:
        """The same, each behind the text or bytes that it was."""
        ...

    @property
    def is_python(self) -> bool:
        """Whether code of the script runs in it."""
        ...

    def encode(self, message: Any, /) -> str | bytes:
        """A message as it is sent, before it is framed: text or bytes.

        Raises:
            CodecError: It cannot be said so. What a script's ``encode`` raises passes as it is.
        """
        ...


def coder_of(codec: CodecSetting | None) -> Coder | None:
    """A coder for one connection; none where messages are text and bytes."""
    if codec is None:
        return None
    if codec == "json":
        return JSON
    return Messages(codec) if codec.whole else Stream(codec)


class Json:
    """JSON: text, whatever it came as."""

    __slots__ = ()

    is_python = False

    def pairs(self, _kind: int, data: Any, /) -> list[tuple[str | bytes, Any]]:
        """A message, and its value."""
        return [(data, _core.decode_json(data))]

    def decode(self, _kind: int, data: Any, /) -> list[Any]:
        """The value of a message."""
        return [_core.decode_json(data)]

    def encode(self, message: Any, /) -> str:
        """A value as JSON, without spaces."""
        text = _core.encode_json(message)
        return _dumped(message) if text is None else text


JSON = Json()


def _dumped(message: Any) -> str:
    import json  # noqa: PLC0415 - only for what the core leaves to it

    try:
        text = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair has no bytes, but an escape.
        return json.dumps(message, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise CodecError(f"no JSON can be made of it: {error}") from None
    return text


class Messages:
    """A codec of a script, a message at a time."""

    __slots__ = ("_codec",)

    is_python = True

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def pairs(self, _kind: int, data: Any, /) -> list[tuple[str | bytes, Any]]:
        """A message, and what the script makes of it."""
        return [(data, self._codec.parse(data))]

    def decode(self, kind: int, data: Any, /) -> list[Any]:
        """What the script makes of what came."""
        return [message for _, message in self.pairs(kind, data)]

    def encode(self, message: Any, /) -> str | bytes:
        """What the script makes of it."""
        encoded: Any = self._codec.encode(message)
        if not isinstance(encoded, (str, bytes)):
            raise CodecError(f"codec: encode returned {encoded!r}", "str or bytes")
        return encoded


class Stream(Messages):
    """A codec of a script, for a stream of bytes."""

    __slots__ = ("_left",)

    def __init__(self, codec: Codec) -> None:
        super().__init__(codec)
        self._left = b""

    def pairs(self, _kind: int, data: Any, /) -> list[tuple[str | bytes, Any]]:
        """The messages that end in it; the rest waits for more."""
        came: bytes = data.encode() if isinstance(data, str) else data
        buffer, self._left = self._left + came, b""
        messages: list[tuple[str | bytes, Any]] = []
        while buffer:
            parsed: Any = self._codec.parse(buffer)
            if parsed is None:
                break
            message, used = _checked(parsed, len(buffer))
            messages.append((buffer[:used], message))
            buffer = buffer[used:]
        if len(buffer) > _MOST_LEFT:
            raise CodecError(
                f"codec: no message in {len(buffer)} bytes",
                "parse returns (message, used) as soon as one is there",
            )
        self._left = buffer
        return messages


def _checked(parsed: Any, most: int) -> tuple[Any, int]:
    if isinstance(parsed, tuple):
        pair = cast("tuple[Any, ...]", parsed)
        if len(pair) == 2 and isinstance(pair[1], int) and 0 < pair[1] <= most:  # noqa: PLR2004
            return pair
    raise CodecError(
        f"codec: parse returned {parsed!r}, given {most} bytes",
        f"(message, used) with used from 1 to {most}, or None where more must come",
    )
