"""The session of a socket that k6 has, as its requests and rules see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from k6ws import _core
from k6ws._conversation import requests as _requests
from k6ws._conversation import spoken as _spoken
from k6ws._conversation.asked import Asked
from k6ws._conversation.begun import Begun
from k6ws._conversation.desk import Desk
from k6ws._conversation.durations import patience
from k6ws._conversation.matching import Match
from k6ws._conversation.reply import Reply
from k6ws._conversation.watching import Place, watch
from k6ws._loop import Vu
from k6ws._socket.messages import Messages
from k6ws._socket.send_room import FULL
from k6ws._socket.session import Session
from k6ws.errors import InvalidParameter, K6Error

_REQUEST_TIMEOUT_MS = 10_000.0
_ASKING = "a function that is asked about messages must not wait: every message behind it would"


def owner_of(session: Session[Any]) -> Owner:
    """Its requests and rules, made when the first of them is asked for.

    Raises:
        K6Error: It has no connection.
    """
    session.vu.check_alive()
    session.vu.loop.core.check_thread()
    owner = session.asking
    if owner is None:
        if session.connection is None:
            message = "the socket has no connection to ask on"
            raise K6Error(message, "ask when it is open")
        owner = session.asking = Owner(session, session.connection)
    assert isinstance(owner, Owner), "nobody else sets it"  # noqa: S101
    return owner


class Owner:
    """The session of such a socket, as its desk and its requests see it."""

    __slots__ = ("_is_tcp", "_messages", "_session", "asked", "correlation", "desk")

    request_timeout = _REQUEST_TIMEOUT_MS
    readers = 0

    def __init__(
        self, session: Session[Any], connection: _core.Connection | _core.TcpConnection
    ) -> None:
        """``connection`` is that of the session."""
        self._session = session
        self.correlation: _core.Correlation | None = None
        # Those of TCP may have a framing and a codec.
        self._messages: Messages | None = getattr(session, "messages", None)
        self._is_tcp = isinstance(connection, _core.TcpConnection)
        self.desk = Desk(self, connection.converse(), is_plain=self._messages is None)
        self.asked = 0
        if self._messages is not None and self._messages.has_own_codec:
            self.desk.core.use_own_codec()

    @property
    def vu(self) -> Vu:
        """Whose it is."""
        return self._session.vu

    def measure(self, correlation: _core.Correlation, timeout: str | timedelta | None) -> None:
        """Measure what is sent from now on: see :meth:`Asks.correlate`."""
        if correlation.needs_python:
            text = "correlate() of a socket takes no functions: the core finds the keys of messages"
            raise InvalidParameter(
                text, "say it with pointers, capture(…) and matchers of k6ws.match"
            )
        _spoken.check_cut(self._messages)
        self.correlation = correlation
        ms = None if timeout is None else patience(timeout)
        core = self.desk.core
        core.correlate(correlation)
        core.measure(self.desk.named(correlation.name or "exchange").number, ms)
        self.desk.expect_within(ms)

    def request(self, message: Any, name: str, keywords: tuple[Any, ...]) -> Any:
        """Make a request and wait for its reply, or return something to await."""
        session, asked = self._session, Asked(*keywords)
        in_asyncio = session.vu.loop.is_in_asyncio()
        reply, data, status = _requests.begin(self, message, name, asked)
        core = self.desk.core
        if status == FULL and not in_asyncio:
            again = partial(core.send_again, reply, data)
            status = session.wait_for_room(again, _requests.time_of(self, asked))
        if status == FULL:
            # Where it had no more time than that, that is why.
            core.expire()
            core.not_sent(reply)
        if in_asyncio:
            return Begun(reply.arrival, lambda: reply.done)
        return reply.wait()

    def start(self, message: Any, name: str, asked: tuple[Any, ...]) -> Reply:
        """Make a request that nobody waits for yet."""
        return _requests.start(self, message, name, Asked(*asked))

    def auto_reply(self, match: Match, reply: Any) -> None:
        """Answer what fits."""
        _spoken.check_cut(self._messages)
        _requests.auto_reply(self, match, reply)

    def ignore(self, match: Match) -> None:
        """Drop what fits."""
        _spoken.check_cut(self._messages)
        self.desk.core.ignore(_core.Matcher.of(match))

    def delivered(
        self,
        match: Match,
        name: str,
        stamp: Place | None,
        sequence: Place | None,
        source: Place | None,
        *,
        take: bool,
    ) -> None:
        """Watch what fits."""
        _spoken.check_cut(self._messages)
        watch(self.desk, match, name, stamp, sequence, source, take)

    def receive(self, kind: int, data: Any) -> None:
        """Take an event that tells of requests."""
        self.desk.receive(kind, data)

    def close(self) -> None:
        """The connection is gone: whoever still waits goes on."""
        self.desk.over()

    def decoded(self, data: Any) -> Any:
        """What a script gets of a message: as its handlers do."""
        return _spoken.decoded(self._messages, data, is_tcp=self._is_tcp)

    def encoded(self, message: Any) -> str | bytes:
        """A message as it is sent, before it is framed."""
        return _spoken.encoded(self._messages, message)

    def as_answer(self, reply: Any) -> str | bytes:
        """What a rule is to answer, before it is framed."""
        return _spoken.as_answer(self._messages, reply)

    def latest(self, messages: int) -> Any:  # noqa: ARG002 - they went to handlers
        """None: such a socket keeps no message that nobody takes."""
        return None

    def why_closed(self, drops: int) -> tuple[str, str] | None:  # noqa: ARG002 - its handlers are told
        """None: such a socket keeps nothing of its end."""
        return None

    def weigh(self) -> None:
        """Nobody reads such a socket on and on."""

    def passed_on(self, kind: int, arrival: _core.Arrival) -> None:
        """Take a message that is nobody's here."""
        self._session.receive(kind, self._session.event_of(arrival))

    def ask_script(self, call: Callable[[], Any]) -> Any:
        """Call what must not wait, where handlers run."""
        vu = self.vu
        if vu.host is not None:
            return call()
        return vu.loop.ask(vu, _ASKING, call)
