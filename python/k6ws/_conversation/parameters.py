"""The parameters that sessions have beside those of every connection."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from k6ws import _core
from k6ws._conversation.backoff import Backoff
from k6ws._conversation.durations import patience
from k6ws._params import (
    CodecSetting,
    flag,
    milliseconds,
    read_codec,
    read_framing,
    settle,
)
from k6ws.errors import InvalidParameter

NAMES = ("recv_timeout", "correlate", "keep", "on_open", "reconnect")
"""Those of every session."""
WEBSOCKET_NAMES = (*NAMES, "auth", "framing", "codec")
"""Those of one that is a WebSocket."""

TCP_NAMES = (*NAMES, "close_timeout")
"""Those of one over TCP: of a WebSocket it is one of the connection's."""

_RECV_TIMEOUT_MS = 10_000.0
_CLOSE_TIMEOUT_MS = 1_000.0


class SessionParams(NamedTuple):
    """What they say. Times are milliseconds."""

    recv_timeout: float | None = _RECV_TIMEOUT_MS
    """Of ``recv`` and ``expect``, unless they say otherwise; ``None`` for no end."""
    keep: bool = False
    """Whether it belongs to the VU from the beginning."""
    close_timeout: float = _CLOSE_TIMEOUT_MS
    """Of TCP: how long the peer may take to end its side when we have ended ours."""
    authorization: str = ""
    """The value of the header."""
    codec: CodecSetting | None = None
    """Of a WebSocket, as the next one; of TCP they are the connection's."""
    framing: _core.Framing | None = None
    correlation: _core.Correlation | None = None
    """What replies are known by."""
    on_open: Callable[..., Any] | None = None
    """Called with the session each time that it has a connection."""
    reconnect: Backoff | None = None
    """Whether it comes back, and when."""


def read(given: Mapping[str, Any]) -> SessionParams:
    """Check those that are given.

    Raises:
        TypeError: A value of the wrong type.
        InvalidParameter: A value that cannot be.
    """
    params = SessionParams()
    for name in ("recv_timeout", "recvTimeout"):
        if name in given:
            params = params._replace(recv_timeout=patience(given[name], "recv_timeout"))
    if given.get("keep") is not None:
        params = params._replace(keep=flag(given["keep"], "keep"))
    for name in ("close_timeout", "closeTimeout"):
        if given.get(name) is not None:
            ms = milliseconds(given[name], "close_timeout")
            params = params._replace(close_timeout=ms)
    params = params._replace(**_messages(given))
    correlation = given.get("correlate")
    if correlation is not None:
        params = params._replace(correlation=checked(correlation))
    params = params._replace(reconnect=_policy(given.get("reconnect")))
    params = params._replace(on_open=given.get("on_open", given.get("onOpen")))
    auth = given.get("auth")
    if auth is not None:
        params = params._replace(authorization=_basic(auth))
    return params


def checked(correlation: Any) -> _core.Correlation:
    """What replies are known by, as it is given.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(correlation, _core.Correlation):
        message = f"correlate takes by(…) or in_order(…) of k6ws.correlate, not {correlation!r}"
        raise TypeError(message)
    return correlation


def _policy(given: Any) -> Backoff | None:
    if given is None or isinstance(given, Backoff):
        return given
    message = f"reconnect takes a Backoff, such as reconnect=Backoff('500ms'), not {given!r}"
    raise TypeError(message)


def _messages(given: Mapping[str, Any]) -> dict[str, Any]:
    """The framing and the codec, if there are any."""
    found: dict[str, Any] = {}
    if given.get("framing") is not None:
        found["framing"] = read_framing(given["framing"])
    if given.get("codec") is not None:
        found["codec"] = read_codec(given["codec"])
    settle(found)
    return found


def _basic(auth: Any) -> str:
    """The header of RFC 7617 for a user and a password, which no text of ours repeats."""
    if (
        not isinstance(auth, (tuple, list))
        or len(auth) != 2  # noqa: PLR2004 # pyright: ignore[reportUnknownArgumentType]
        or not all(isinstance(one, str) for one in auth)  # pyright: ignore[reportUnknownVariableType]
    ):
        message = 'auth takes a pair of texts: auth=("user", "password")'
        raise TypeError(message)
    user, password = str(auth[0]), str(auth[1])  # pyright: ignore[reportUnknownArgumentType]
    if ":" in user:
        message = (
            "auth: there is a colon in the user's name, which Basic authentication cannot send"
        )
        raise InvalidParameter(message, 'give headers={"Authorization": …} instead')
    try:
        return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
    except UnicodeEncodeError:
        message = "auth: it holds half of a surrogate pair, which is no text"
        raise InvalidParameter(message) from None
