"""What a script asks of a request besides its message: what its reply is known and judged by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from k6ws import _core
from k6ws._conversation.durations import UNSET
from k6ws._conversation.instead import excerpt
from k6ws._conversation.matching import Match
from k6ws.errors import InvalidParameter

Check: TypeAlias = Match | Callable[[Any], Any] | Mapping[str, Match | Callable[[Any], Any]]
"""A predicate, or several with the names that they are recorded by.

A function is asked about what is returned, the list of ``many``; a matcher about the last message.
"""
Criteria: TypeAlias = tuple[
    _core.Matcher | None, _core.Matcher | None, list[tuple[str | None, _core.Matcher]], bool
]
"""As the core takes it: what the reply is, its last message, checks, whether all messages are wanted."""


class Asked(NamedTuple):
    """The keywords of ``request`` and ``start``."""

    timeout: Any = UNSET
    match: Match | None = None
    key: Any = None
    done: Match | None = None
    many: bool = False
    check: Check | None = None
    default: Any = UNSET


class Predicate:
    """A check that is a function of the script; keeps what it raised for whoever is told that it failed."""

    __slots__ = ("_call", "is_of_all", "raised")

    def __init__(self, call: Callable[[Any], Any], *, is_of_all: bool) -> None:
        self._call = call
        self.is_of_all = is_of_all
        """Whether it is asked about the list of all messages of a reply."""
        self.raised: Exception | None = None

    def __call__(self, reply: Any) -> bool:
        """Whether the check holds."""
        try:
            return bool(self._call(reply))
        except Exception as error:
            self.raised = error
            raise

    def __repr__(self) -> str:
        code = getattr(self._call, "__code__", None)
        if code is None:
            return repr(self._call)
        return f"{code.co_name} of line {code.co_firstlineno}"


def criteria(asked: Asked) -> Criteria | None:
    """What the core is told, if there is anything to tell.

    Raises:
        TypeError: What is no matcher.
        InvalidParameter: A pattern or a pointer that cannot be.
    """
    _, match, _, done, many, check, _ = asked
    if match is None and done is None and check is None and not many:
        return None
    return (
        None if match is None else _core.Matcher.of(match),
        None if done is None else _core.Matcher.of(done),
        _checks(check),
        many,
    )


def kept(asked: Asked) -> Asked:
    """The same, of whose checks those that are functions keep what they raise."""
    check, many = asked.check, asked.many
    if isinstance(check, Mapping):
        several = cast("Mapping[str, Match]", check)
        check = {name: _kept(one, many=many) for name, one in several.items()}
    elif check is not None:
        check = _kept(check, many=many)
    return asked._replace(check=check)


def _kept(check: Match, *, many: bool) -> Match:
    if not callable(check):
        return check
    _core.check_asked(check)
    return Predicate(check, is_of_all=many)


def predicate(check: Check | None, number: int) -> Predicate | None:
    """The check with this number, if it is a function."""
    one: object = check
    if isinstance(check, Mapping):
        one = list(cast("Mapping[str, Match]", check).values())[number]
    return one if isinstance(one, Predicate) else None


def raised_by(check: Check | None, number: int) -> Exception | None:
    """What the check with this number raised, if it did."""
    one = predicate(check, number)
    return None if one is None else one.raised


def wrong(check: Check | None, number: int, reply: Any, raised: Exception | None) -> str:
    """What does not hold: the check with this number, which may have raised something."""
    if isinstance(check, Mapping):
        which = repr(list(cast("Mapping[str, Match]", check))[number])
    else:
        which = repr(_core.Matcher.of(check) if isinstance(check, (str, bytes)) else check)
    what = "does not hold" if raised is None else f"raised {raised!r}"
    return f"{which} {what}, of {excerpt(reply)}"


def _checks(check: Check | None) -> list[tuple[str | None, _core.Matcher]]:
    if check is None:
        return []
    if not isinstance(check, Mapping):
        return [(None, _core.Matcher.of(check))]
    named: list[tuple[str | None, _core.Matcher]] = []
    several = cast("Mapping[str, Match]", check)
    for name, one in several.items():
        if name.startswith("/"):
            message = f"check={check!r} has a JSON pointer where the name of a check stands"
            raise InvalidParameter(message, "write check=json({…}) for the value at a pointer")
        if "::" in name:
            message = "group and check names may not contain '::'"
            raise InvalidParameter(message)
        named.append((name, _core.Matcher.of(one)))
    return named
