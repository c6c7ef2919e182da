"""Asking and being answered: what sessions and sockets have in common of it, whatever they wait with.

Who mixes this in has a session that can be asked (:class:`Asking`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from k6ws import _core
from k6ws._conversation.asked import Asked, criteria, kept
from k6ws._conversation.desk import NAMELESS, Desk
from k6ws._conversation.durations import UNSET, patience
from k6ws._conversation.matching import Match
from k6ws._conversation.reply import Reply
from k6ws._socket.send_room import FULL
from k6ws.errors import InvalidParameter, MissingKey, RequestFailed

_PLACE = re.compile(r'"(\{/[^"{}\\]*\})"')


class Asking(Protocol):
    """A session that requests are made on."""

    @property
    def desk(self) -> Desk:
        """Its requests and rules; made when it is asked for."""
        ...

    @property
    def correlation(self) -> _core.Correlation | None:
        """What its replies are known by."""
        ...

    @property
    def request_timeout(self) -> float | None:
        """How long a request has that does not say it, in milliseconds."""
        ...

    def encoded(self, message: Any, /) -> str | bytes:
        """A message as it is sent, before it is framed."""
        ...

    def as_answer(self, reply: Any, /) -> str | bytes:
        """What a rule is to answer, before it is framed."""
        ...


def time_of(session: Asking, asked: Asked) -> float | None:
    """How long a request may take, in milliseconds."""
    return session.request_timeout if asked.timeout is UNSET else patience(asked.timeout)


def begin(
    session: Asking,
    message: Any,
    name: str,
    asked: Asked,
    planned: float | None = None,
    *,
    waits: bool = False,
) -> tuple[Reply, str | bytes, int]:
    """Make a request: what stands for it, its message as it is sent, and what the core said to that.

    ``planned`` is when a timetable had it made, by the clock of the loop. One that ``waits`` is not sent yet:
    others have found no room before it, and go first.

    Raises:
        MissingKey: Its message has no key.
        DuplicateKey: It has that of another one.
        TypeError: An argument of the wrong type.
        InvalidParameter: One that cannot be.
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - a script may
        raise TypeError(NAMELESS)
    desk = session.desk
    ms = time_of(session, asked)
    data = session.encoded(message)
    correlation = session.correlation
    if asked.many:
        check_many(session, asked)
    if asked.check is not None:
        asked = kept(asked)
    key = _key(correlation, asked, message, data)
    reply = Reply.of(desk.named(name), asked)
    status = desk.begin(reply, data, ms, criteria(asked), key, planned, waits=waits)
    return reply, data, status


def check_many(session: Asking, asked: Asked) -> None:
    """Refuse to collect messages of which nothing says which one is the last.

    Raises:
        InvalidParameter: There is no ``done``.
    """
    correlation = session.correlation
    if asked.many and asked.done is None and (correlation is None or not correlation.has_done):
        text = "many=True wants all messages of a reply, and nothing says which one is the last"
        raise InvalidParameter(text, "give done= here, or with the correlation of the session")


def _key(
    correlation: _core.Correlation | None, asked: Asked, message: Any, data: str | bytes
) -> bytes | None:
    """The key of a request, where the core is not to look for it itself."""
    if asked.key is not None and asked.match is not None:
        text = "key= and match= say both how the reply is known"
        raise InvalidParameter(text, "give one of them; check= says what the reply has to be")
    if asked.key is not None:
        if correlation is None or correlation.is_in_order:
            text = "key= is for sessions whose correlation has keys"
            raise InvalidParameter(text, "open the session with correlate=by(…)")
        return correlation.key(asked.key)
    if correlation is None or not correlation.needs_python or asked.match is not None:
        return None
    if correlation.is_in_order:
        return None
    try:
        return correlation.key_of_sent(data, message)
    except InvalidParameter as error:
        raise MissingKey(str(error), "give key=, or match= for this one") from None


def start(
    session: Asking,
    message: Any,
    name: str,
    asked: Asked,
    planned: float | None = None,
    *,
    waits: bool = False,
) -> Reply:
    """Make a request that nobody waits for; without room it has failed, as where others wait for some."""
    reply, _, status = begin(session, message, name, asked, planned, waits=waits)
    if status == FULL:
        session.desk.core.not_sent(reply)
    return reply


def items_of(items: Iterable[Any], common: Mapping[str, Any]) -> list[tuple[Any, str, Asked]]:
    """The requests of ``request_all``: each ``(message, name)``, or with a mapping of keywords of its own."""
    made: list[tuple[Any, str, Asked]] = []
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):  # pyright: ignore[reportUnknownArgumentType]
            text = 'request_all takes (message, "name") pairs, or triples with keywords of one: '
            raise TypeError(text + '("…", "name", {"timeout": "1s"})')
        message, name, *own = item  # pyright: ignore[reportUnknownVariableType]
        made.append((message, name, _asked({**common, **(own[0] if own else {})})))  # pyright: ignore[reportUnknownArgumentType]
    return made


def _asked(keywords: Mapping[str, Any]) -> Asked:
    unknown = [name for name in keywords if name not in Asked._fields]
    if unknown:
        text = f"request_all() got an unexpected keyword argument {unknown[0]!r}"
        raise TypeError(f"{text}: those of request() are {', '.join(Asked._fields)}")
    return Asked(**keywords)


def collected(replies: list[Reply], outcome: Callable[[Reply], Any]) -> list[Any]:
    """What ``request_all`` returns, once all have an outcome.

    Raises:
        RequestFailed: The first that failed, with ``replies``.
    """
    results: list[Any] = []
    first: RequestFailed | None = None
    for reply in replies:
        try:
            results.append(outcome(reply))
        except RequestFailed as error:
            first = first or error
            results.append(error)
    if first is not None:
        first.replies = results
        raise first
    return results


def auto_reply(session: Asking, match: Match, reply: Any) -> int:
    """Answer what fits with what is written, or with what a function says; the rule's number."""
    matcher = _core.Matcher.of(match)
    core = session.desk.core
    if callable(reply):
        _core.check_asked(reply)
        return core.auto_reply_by(matcher, partial(_answer, session, reply))
    return core.auto_reply(matcher, _core.Template(_written(session, reply), matcher))


def _written(session: Asking, reply: Any) -> str | bytes:
    data = session.as_answer(reply)
    if isinstance(data, bytes) or isinstance(reply, str):
        return data
    # What takes the place of a text in an object is JSON: it brings quotes of its own where it has some.
    return _PLACE.sub(r"\1", data)


def _answer(session: Asking, reply: Callable[[Any], Any], message: Any) -> str | bytes | None:
    said = reply(message)
    return None if said is None else session.encoded(said)
