"""The parameters of sessions, for editors and type checkers: every key in k6's way of spelling and ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from k6ws import _core
from k6ws._conversation.backoff import Backoff
from k6ws._conversation.durations import Timeout
from k6ws._params import CodecSetting
from k6ws._params.keywords import Params, TcpKeywords, Time


class _OfSessions(TypedDict, total=False):
    recvTimeout: Timeout
    recv_timeout: Timeout
    keep: bool | None
    correlate: _core.Correlation | None
    onOpen: Callable[[Any], object] | None
    on_open: Callable[[Any], object] | None
    reconnect: Backoff | None


class SessionKeywords(Params, _OfSessions, total=False):
    """The parameters of ``ws.open``, as a mapping or by name; see there."""

    auth: tuple[str, str] | list[str] | None
    framing: _core.Framing | None
    codec: CodecSetting | _core.Framing | None


class TcpSessionKeywords(TcpKeywords, _OfSessions, total=False):
    """The parameters of ``tcp.open``, as a mapping or by name; see there."""

    closeTimeout: Time | None
    close_timeout: Time | None
