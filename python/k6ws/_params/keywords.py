"""The parameters of a WebSocket connection as keywords, for editors and type checkers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from k6ws.http import CookieJar


class Keywords(TypedDict, total=False):
    """Parameters of a connection by name; see ``ws.connect``. Times are milliseconds or ``"1.5s"``."""

    headers: Mapping[str, object] | None
    tags: Mapping[str, str | float] | None
    jar: CookieJar | None
    compression: str | Mapping[str, object]
    timeout: float | str | timedelta
    resolve_timeout: float | str | timedelta
    connect_timeout: float | str | timedelta
    tls_timeout: float | str | timedelta
    upgrade_timeout: float | str | timedelta
    proxy: str | None
    proxy_protocol: Literal["v1", "v2"]
    local_address: str | Sequence[str] | None
    no_delay: bool
    tcp_keep_alive: bool | float | str | timedelta
    linger: Literal[0] | None
    recv_buffer: int
    send_buffer: int
    close_timeout: float | str | timedelta
    send_timeout: float | str | timedelta
    idle_timeout: float | str | timedelta | None
    keep_alive: float | str | timedelta | Mapping[str, float | str | timedelta] | None
    recv_rate: float | None
    max_message_size: int
    max_buffered: int
    tls: Mapping[str, object] | None
