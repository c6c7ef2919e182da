"""The ``compression`` parameter: permessage-deflate (RFC 7692)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._params.names import Api, by_our_names, spellings
from k6ws._params.values import flag
from k6ws.errors import InvalidParameter, K6Error

_SMALLEST, _LARGEST = 8, 15
_MOST_LEVEL = 9
_ANY_WINDOW = 0


class Compression(NamedTuple):
    """What is offered to the server, and how we compress where it accepts; the defaults are k6's."""

    server_no_context_takeover: bool = True
    client_no_context_takeover: bool = True
    server_max_window_bits: int | None = None
    client_max_window_bits: int | None = None
    """0 lets the server choose; ``None`` says nothing about it."""
    level: int = 1
    threshold: int = 0
    """Bytes below which a message goes as it is."""

    def arguments(self) -> _core.CompressionArguments:
        """As the core takes it."""
        return {
            "server_no_context_takeover": self.server_no_context_takeover,
            "client_no_context_takeover": self.client_no_context_takeover,
            "server_max_window_bits": self.server_max_window_bits,
            "client_max_window_bits": self.client_max_window_bits,
            "level": self.level,
            "threshold": self.threshold,
        }


# What a mapping leaves out: the whole of RFC 7692, and zlib's own level.
_OPEN = Compression(
    server_no_context_takeover=False,
    client_no_context_takeover=False,
    client_max_window_bits=_ANY_WINDOW,
    level=6,
)


def read_compression(value: object, name: str, api: Api) -> Compression | None:
    """What an algorithm, or a mapping with more, asks for.

    Raises:
        K6Error: An algorithm other than ``deflate``, in k6's words.
        UnknownOption: A key of the mapping that does not exist.
        TypeError: A value of the wrong type, or a key in both spellings.
        InvalidParameter: A value out of range.
    """
    if isinstance(value, Mapping):
        return _from_mapping(by_our_names(value, _NAMES, api, within=name), name)  # pyright: ignore[reportUnknownArgumentType]
    algorithm = str(value).strip()
    if algorithm == "deflate":
        return Compression()
    if algorithm or not api.allows_blank_compression:
        raise K6Error(_unsupported(algorithm))
    return None


def _unsupported(algorithm: str) -> str:
    return f"unsupported compression algorithm '{algorithm}', supported algorithm is 'deflate'"


def _from_mapping(given: dict[str, Any], name: str) -> Compression:
    given = {key: value for key, value in given.items() if value is not None}
    algorithm = str(given.pop("algorithm", "deflate")).strip()
    if algorithm != "deflate":
        raise K6Error(_unsupported(algorithm))
    found = {key: _READERS[key](value, f"{name}.{key}") for key, value in given.items()}
    return _OPEN._replace(**found)


def _number(value: object, name: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{name} is a whole number, not {value!r}"
        raise TypeError(message)
    if not least <= value <= most:
        message = f"{name} of {value} is not from {least} to {most}"
        raise InvalidParameter(message)
    return value


def _server_bits(value: object, name: str) -> int:
    return _number(value, name, _SMALLEST, _LARGEST)


def _client_bits(value: object, name: str) -> int | None:
    if isinstance(value, bool):
        return _ANY_WINDOW if value else None
    return _number(value, name, _SMALLEST, _LARGEST)


def _level(value: object, name: str) -> int:
    return _number(value, name, 0, _MOST_LEVEL)


def _threshold(value: object, name: str) -> int:
    return _number(value, name, 0, 1 << 40)


_READERS: dict[str, Any] = {
    "server_no_context_takeover": flag,
    "client_no_context_takeover": flag,
    "server_max_window_bits": _server_bits,
    "client_max_window_bits": _client_bits,
    "level": _level,
    "threshold": _threshold,
}
_NAMES = spellings(("algorithm", *_READERS))
