"""``framing`` and ``codec``: how a stream is cut into messages, and what makes objects of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from k6ws import _core
from k6ws.errors import InvalidParameter

if TYPE_CHECKING:
    from k6ws.framing import Codec

CodecSetting: TypeAlias = "Codec | Literal['json']"


def framing(value: object, name: str = "framing") -> _core.Framing:
    """What `k6ws.framing` makes.

    Raises:
        TypeError: It is not.
    """
    if isinstance(value, _core.Framing):
        return value
    hint = "such as lines() of k6ws.framing"
    if callable(value):
        hint = f"did you mean {getattr(value, '__name__', value)}()?"
    message = f"{name} takes what k6ws.framing makes, not {value!r}; {hint}"
    raise TypeError(message)


def codec(value: object, name: str = "codec") -> CodecSetting | _core.Framing:
    """A codec, or ``"json"``; a framing in its place is a short form of ``framing``.

    Raises:
        TypeError: It is none of these.
        InvalidParameter: Another word than ``"json"``.
    """
    if isinstance(value, _core.Framing):
        return value
    if isinstance(value, str):
        if value != "json":
            raise InvalidParameter(
                f"{name} of {value!r} is not known", "'json', or a Codec of yours"
            )
        return "json"
    # Only who names one has loaded it.
    from k6ws.framing import Codec  # noqa: PLC0415

    if not isinstance(value, Codec):
        message = f"{name} takes 'json' or a Codec of k6ws.framing, not {value!r}"
        raise TypeError(message)
    return value


def settle(settings: dict[str, Any]) -> None:
    """Take the short form ``codec=lines()`` for what it means.

    Raises:
        TypeError: A framing is given twice.
    """
    given = settings.get("codec")
    if isinstance(given, _core.Framing):
        if "framing" in settings:
            message = f"framing is given twice: {settings['framing']!r}, and {given!r} as codec"
            raise TypeError(message)
        settings["framing"] = given
        del settings["codec"]
