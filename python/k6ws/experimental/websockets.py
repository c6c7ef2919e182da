"""The API of ``k6/experimental/websockets`` as it was in v0.41: :mod:`k6ws.websockets` without ``Blob``."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal, NoReturn, Unpack

from k6ws import _params
from k6ws import websockets as _graduated
from k6ws.errors import K6Error
from k6ws.websockets import (
    CloseEvent,
    ErrorEvent,
    Event,
    InvalidAccessError,
    InvalidStateError,
    MessageEvent,
    WSError,
)

if TYPE_CHECKING:
    from k6ws._params.keywords import Params

__all__ = [
    "CloseEvent",
    "ErrorEvent",
    "Event",
    "InvalidAccessError",
    "InvalidStateError",
    "MessageEvent",
    "WSError",
    "WebSocket",
]

warnings.warn(
    "k6ws.experimental.websockets is now k6ws.websockets: change the import",
    DeprecationWarning,
    stacklevel=2,
)


class WebSocket(_graduated.WebSocket):
    """The :class:`k6ws.websockets.WebSocket` whose binary messages are ``bytes``, and nothing else.

    Everything but :attr:`binary_type` is as it is there.

    Example:
        >>> socket = WebSocket("ws://127.0.0.1:8765/")                       # doctest: +SKIP
        >>> socket.binary_type                                               # doctest: +SKIP
        'arraybuffer'
    """

    __slots__ = ()

    @_params.named(_params.WEBSOCKET)
    def __init__(
        self,
        url: str | None = None,
        protocols: str | list[str] | tuple[str, ...] | None = None,
        params: Params | None = None,
        **keywords: Unpack[Params],
    ) -> None:
        super().__init__(url, protocols, params, **keywords)
        _graduated.WebSocket.binary_type.__set__(self, "arraybuffer")

    @property
    def binary_type(self) -> Literal["arraybuffer"]:
        """How binary messages arrive: always ``"arraybuffer"``, which is ``bytes``.

        Raises:
            K6Error: It is assigned, whatever the value.
        """
        return "arraybuffer"

    @binary_type.setter
    def binary_type(self, value: object) -> NoReturn:  # noqa: ARG002 - none is accepted
        message = "binaryType cannot be set: k6ws.experimental.websockets has no Blob, k6ws.websockets has"
        raise K6Error(message, "binary messages arrive as bytes; import k6ws.websockets to choose")

    binaryType = binary_type  # noqa: N815 - k6's spelling
