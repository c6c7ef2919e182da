"""What scripts give to a WebSocket, checked: URL, parameters, data, close code and reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from k6ws import _params
from k6ws._socket.close_code import close_code
from k6ws._socket.surrogates import well_formed
from k6ws.errors import InvalidAccessError, InvalidCloseReason, K6Error
from k6ws.websockets.blob import Blob

_API = _params.Api(
    "unknown WebSocket's option {}",
    "invalid WebSocket tags option: ",
    call="WebSocket",
    allows_blank_compression=False,
)
_PARAMETERS = _params.WebSocketParameters(_API, _params.Settings(close_timeout=5_000.0))
_MAX_REASON = 123
_NORMAL = 1000
# What k6 calls the types that cannot be sent.
_TYPE_WORDS: dict[type[object], str] = {
    bool: "bool",
    int: "int64",
    float: "float64",
    type(None): "<nil>",
    list: "[]interface {}",
    tuple: "[]interface {}",
    dict: "map[string]interface {}",
}


def read(
    protocols: object, params: Mapping[str, Any] | None, keywords: Mapping[str, Any]
) -> _params.Params:
    """The parameters, given in whichever way, and the subprotocols that they offer.

    Raises:
        TypeError: They are no mapping, one of them is given twice, or a value is of the wrong type.
        K6Error: A value that k6 refuses, in its words.
        UnknownOption: A parameter that does not exist.
        InvalidParameter: A value out of range.
    """
    if isinstance(params, str):
        # An indexed object, in k6's eyes: its first key is no option.
        params = {str(index): letter for index, letter in enumerate(params)}
    # What is empty is none, as in k6.
    given = _params.merged(params or None, keywords, _API)
    read = _PARAMETERS.read(given)
    if protocols is None:
        return read
    if given.get("subprotocols") is not None:
        message = "WebSocket() got its subprotocols twice"
        raise TypeError(message)
    return read._replace(subprotocols=_offer(protocols))


def check_url(url: object) -> str:
    """The URL of a constructor as text; raises :class:`K6Error` for what k6 refuses there."""
    if url is None:
        message = "WebSocket requires a url"
        raise K6Error(message, "WebSocket('ws://host:port/path')")
    return _checked(str(url).strip(" "))


@lru_cache(maxsize=1024)
def _checked(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        message = f'WebSocket requires valid url, but got "{text}" which resulted in {error}'
        raise K6Error(message) from None
    if parts.scheme not in {"ws", "wss", "ws+unix"}:
        message = f'WebSocket requires url with scheme ws or wss, but got "{parts.scheme}"'
        raise K6Error(message)
    if parts.fragment:
        message = f'WebSocket requires no url fragment, but got "{parts.fragment}"'
        raise K6Error(message)
    return urlunsplit(parts)


def _offer(protocols: object) -> str:
    """The value of ``Sec-WebSocket-Protocol``; anything but text and lists is ignored, as in k6."""
    if isinstance(protocols, str):
        return protocols
    if isinstance(protocols, (list, tuple)):
        return ", ".join(map(str, protocols))  # pyright: ignore[reportUnknownArgumentType]
    return ""


def content(data: object) -> bytes:
    """What is sent as a binary message."""
    if isinstance(data, Blob):
        return bytes(data)
    try:
        return memoryview(data).tobytes()  # pyright: ignore[reportArgumentType]
    except TypeError:
        word = _TYPE_WORDS.get(type(data), type(data).__name__)
        message = f"unsupported send type {word}"
        hint = "send text, bytes, another buffer or a Blob"
        raise K6Error(message, hint) from None


def check_code(code: float | None) -> int:
    """The code to close with."""
    number = 0 if code is None or code != code else close_code(code)  # noqa: PLR0124 - NaN
    if number == 0:
        return _NORMAL
    if number != _NORMAL and not 3000 <= number <= 4999:  # noqa: PLR2004 - as the text says
        message = (
            "InvalidAccessError: Failed to execute 'close' on 'WebSocket': The close code must be "
            f"either 1000, or between 3000 and 4999. {number} is neither"
        )
        raise InvalidAccessError(message)
    return number


def check_reason(reason: str | None) -> str:
    """The reason to close with."""
    text = "" if reason is None else well_formed(str(reason))
    if len(text.encode()) > _MAX_REASON:
        message = (
            "SyntaxError: Failed to execute 'close' on 'WebSocket': "
            "The message must not be greater than 123 bytes"
        )
        raise InvalidCloseReason(message)
    return text
