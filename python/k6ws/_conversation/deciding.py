"""Whose a message is where functions of the script have a say: the core asks, one function at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from k6ws import _core
from k6ws._conversation.asked import Predicate
from k6ws._loop import Vu

# What the core says of a message that is the script's; -1 of one that was taken.
_SCRIPT = -2


class Owner(Protocol):
    """The session, as far as functions are asked about its messages."""

    @property
    def vu(self) -> Vu:
        """Whose it is."""
        ...

    def decoded(self, data: Any, /) -> Any:
        """What they are given of a message."""
        ...

    def ask_script(self, call: Callable[[], Any], /) -> Any:
        """Call what must not wait."""
        ...


def decided(
    owner: Owner,
    core: _core.Conversation,
    data: str | bytes,
    decide: Callable[[dict[int, Any]], int],
) -> bool:
    """Decide, with what functions say. True if the message is the script's."""
    said: dict[int, Any] = {}
    while (answer := decide(said)) >= 0:
        call = core.callable(answer)
        assert call is not None, "the core has it from here"  # noqa: S101
        said[answer] = _said(owner, core, call, data)
    return answer == _SCRIPT


def _said(
    owner: Owner, core: _core.Conversation, call: Callable[[Any], Any], data: str | bytes
) -> Any:
    """What a function says of a message; one that raises says no."""
    try:
        asked: Any = owner.decoded(data)
        if isinstance(call, Predicate) and call.is_of_all:
            asked = [*map(owner.decoded, core.kept()), asked]
        return _answer(owner.ask_script(partial(call, asked)))
    except Exception as error:  # noqa: BLE001 - it is the script's
        owner.vu.loop.notices.warn(
            decided, f"a function that is asked about messages raised {error!r}: it says no then"
        )
        return None


def _answer(said: Any) -> Any:
    """What was said; what can be no answer raises here, where somebody is told of it."""
    if hasattr(said, "__await__"):
        if hasattr(said, "close"):
            said.close()
        raise TypeError("it answers later, and is asked now")
    bool(said)
    return said
