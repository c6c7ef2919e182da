"""The ``subprotocols`` parameter: what a WebSocket offers to speak (RFC 6455 section 1.9)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from k6ws.errors import InvalidParameter

HEADER = "Sec-WebSocket-Protocol"
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")


def offer(value: object, _name: str = "subprotocols") -> str:
    """The value of the header that a name, or a list of names, stands for.

    Raises:
        TypeError: Neither a name nor a list of names.
        InvalidParameter: A name that is no token, or one that is there twice.
    """
    names: list[object] = list(value) if isinstance(value, (list, tuple)) else [value]  # pyright: ignore[reportUnknownArgumentType]
    for number, name in enumerate(names):
        if not isinstance(name, str):
            message = f"subprotocols is a list of names, not {value!r}"
            raise TypeError(message)
        if not _TOKEN.fullmatch(name):
            message = f"invalid subprotocol {name!r}"
            hint = "one item for each name; letters, digits and !#$%&'*+-.^_`|~ may be in it"
            raise InvalidParameter(message, hint)
        if name in names[:number]:
            message = f"the subprotocol {name!r} is offered twice"
            raise InvalidParameter(message, "leave one of them out")
    return ", ".join(map(str, names))


def check_offered_once(headers: Sequence[tuple[str, str]]) -> None:
    """Refuse headers that offer some as well: :class:`InvalidParameter`."""
    if any(name.lower() == HEADER.lower() for name, _ in headers):
        message = f"subprotocols and the header {HEADER} are both given"
        raise InvalidParameter(message, "leave one of them out")
