"""The parameters of a WebSocket connection as keywords, for editors and type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from k6ws.http import CookieJar


class Keywords(TypedDict, total=False):
    """Parameters of a connection by name; see ``ws.connect``. Times are milliseconds or ``"1.5s"``.

    ``None`` is the default of each; only for ``proxy`` it is a value: no proxy.
    """

    headers: Mapping[str, object] | None
    subprotocols: str | Sequence[str] | None
    tags: Mapping[str, str | float] | None
    jar: CookieJar | None
    compression: str | Mapping[str, object] | None
    timeout: float | str | timedelta | None
    resolve_timeout: float | str | timedelta | None
    connect_timeout: float | str | timedelta | None
    tls_timeout: float | str | timedelta | None
    upgrade_timeout: float | str | timedelta | None
    proxy: str | None
    proxy_protocol: Literal["v1", "v2"] | None
    local_address: str | Sequence[str] | None
    no_delay: bool | None
    tcp_keep_alive: bool | float | str | timedelta | None
    linger: Literal[0] | None
    recv_buffer: int | None
    send_buffer: int | None
    close_timeout: float | str | timedelta | None
    send_timeout: float | str | timedelta | None
    idle_timeout: float | str | timedelta | None
    keep_alive: float | str | timedelta | Mapping[str, float | str | timedelta] | None
    recv_rate: float | None
    max_message_size: int | None
    max_buffered: int | None
    tls: Mapping[str, object] | None
