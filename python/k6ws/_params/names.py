"""The names of parameters: both spellings of each, and how an API says that one is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from k6ws._params.subprotocols import HEADER
from k6ws.errors import UnknownOption


class Api(NamedTuple):
    """What one API has of its own: how it words errors, and what it does otherwise than the others."""

    unknown: str
    tags: str
    """What the refusal of a tag begins with."""
    call: str = ""
    """What its errors call it; without, its parameters are options."""
    allows_blank_compression: bool = True


def merged(given: Any, keywords: Mapping[str, Any], api: Api) -> Mapping[str, Any]:
    """Parameters that are given as a mapping, by name, or both ways.

    Raises:
        TypeError: ``given`` is neither a mapping nor ``None``, or a name is given both ways.
    """
    if given is None:
        return keywords
    if not isinstance(given, Mapping):
        they = f"{api.call} takes its parameters as" if api.call else "options are"
        message = f"{they} a mapping, not {given!r}"
        raise TypeError(message)
    if not keywords:
        return given  # pyright: ignore[reportUnknownVariableType]
    twice = given.keys() & keywords.keys()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if twice:
        it = f"{api.call}() got" if api.call else "got"
        message = f"{it} {', '.join(sorted(map(str, twice)))} twice"  # pyright: ignore[reportUnknownArgumentType]
        raise TypeError(message)
    return {**given, **keywords}


def camel(name: str) -> str:
    """A name as k6 spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def spellings(names: Iterable[str], **other: str) -> dict[str, str]:
    """Our name by either spelling; ``other`` are those that k6 spells by no rule."""
    return {other.get(name) or camel(name): name for name in names} | {name: name for name in names}


def by_our_names(
    given: Mapping[Any, Any], names: Mapping[str, str], api: Api, within: str = ""
) -> dict[str, Any]:
    """What is given, by our name of each.

    Args:
        given: The names as a script spells them.
        names: Our name by either spelling.
        api: Whose words it is refused in.
        within: The parameter that has them as its keys.

    Raises:
        UnknownOption: A name that does not exist.
        TypeError: One that is given in both spellings.
    """
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = names.get(key)
        if name is None:
            raise UnknownOption(
                api.unknown.format(f"{within}.{key}" if within else key), nearest(str(key), names)
            )
        if name in found:
            kind = "connection parameter" if api.call else "option"
            what = f"{within}.{name}" if within else f"{kind} {name!r}"
            message = f"{what} is given in both spellings"
            raise TypeError(message)
        found[name] = value
    return found


def nearest(key: str, names: Mapping[str, str]) -> str:
    """The hint for a key that is none of ``names``, which are ours by either spelling."""
    word = key.lower()
    if "subprotocols" in names and "protocol" in word and "proxy" not in word:
        return f"did you mean 'subprotocols'? It is the header {HEADER}"
    known = ", ".join(dict.fromkeys(names.values()))
    import difflib  # noqa: PLC0415 - only for who errs

    close = difflib.get_close_matches(key, list(names), n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {known}"
