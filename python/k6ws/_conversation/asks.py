"""Requests and rules on the sockets that k6 has: ``ws.Socket``, ``WebSocket``, ``tcp.Socket``.

There a message is for handlers. What ``correlate`` measures goes to them all the same; only what ``request``
and ``start`` wait for, and what a rule takes, does not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from k6ws import _core
from k6ws._conversation import requests as _requests
from k6ws._conversation.asked import Asked, Check
from k6ws._conversation.begun import Begun
from k6ws._conversation.desk import Desk
from k6ws._conversation.durations import UNSET, Timeout, patience
from k6ws._conversation.matching import Match
from k6ws._conversation.payload import as_bytes
from k6ws._conversation.reply import Reply
from k6ws._loop import Vu
from k6ws._socket.send_room import FULL
from k6ws._socket.session import Session
from k6ws._socket.surrogates import is_well_formed, well_formed
from k6ws.errors import InvalidParameter, K6Error

_REQUEST_TIMEOUT_MS = 10_000.0
_ASKING = "a function that is asked about messages must not wait: every message behind it would"


class Asks:
    """What is mixed into a socket of k6's that asks."""

    __slots__ = ()

    _session: Any

    def correlate(
        self, correlation: _core.Correlation, *, timeout: str | timedelta | None = None
    ) -> None:
        """Measure every message that is sent from now on and answered: ``ws_req_duration`` of a script.

        Each message that has a key begins an exchange, which its reply ends; handlers are given the reply all
        the same. One whose key is under way already is not measured. What is under way when the connection
        ends has failed (``closed``); so has, with a ``timeout``, what takes longer.

        Args:
            correlation: ``by(…)`` or ``in_order(…)`` of :mod:`k6ws.correlate`, without functions; the
                exchanges are recorded by its ``name``, or as ``exchange``.
            timeout: How long a reply may take: ``"5s"``; without it, as long as the connection lives.

        Raises:
            K6Error: The socket has no connection, not even one in the making.
            InvalidParameter: A correlation with functions: the core finds the keys.

        Example:
            >>> socket.correlate(by("/id", where=has("/result")))      # doctest: +SKIP
        """
        if correlation.needs_python:
            text = "correlate() of a socket takes no functions: the core finds the keys of messages"
            raise InvalidParameter(
                text, "say it with pointers, capture(…) and matchers of k6ws.match"
            )
        owner = _owner(self._session)
        owner.correlation = correlation
        core = owner.desk.core
        core.correlate(correlation)
        ms = None if timeout is None else patience(timeout)
        core.measure(owner.desk.number_of(correlation.name or "exchange"), ms)
        owner.desk.expect_within(ms)

    def request(
        self,
        message: Any,
        name: str,
        *,
        timeout: Timeout = UNSET,
        match: Match | None = None,
        key: Any = None,
        done: Match | None = None,
        many: bool = False,
        check: Check | None = None,
        default: Any = UNSET,
    ) -> Any:
        """Send a request and wait for its reply, which goes to no handler: see :meth:`k6ws.Session.request`.

        In a coroutine it returns something to await. ``match`` knows the reply where ``correlate`` does not.
        """
        session = self._session
        owner = _owner(session)
        asked = Asked(timeout, match, key, done, many, check, default)
        in_asyncio = session.vu.loop.is_in_asyncio()
        reply, data, status = _requests.begin(owner, message, name, asked)
        core = owner.desk.core
        if status == FULL and not in_asyncio:
            again = partial(core.send_again, reply, data, is_tcp=owner.desk.is_tcp)
            status = session.wait_for_room(again, _requests.time_of(owner, asked))
        if status == FULL:
            # Where it had no more time than that, that is why.
            core.expire()
            core.not_sent(reply)
        if in_asyncio:
            return Begun(reply.arrival, lambda: reply.done)
        return reply.wait()

    def start(
        self,
        message: Any,
        name: str,
        *,
        timeout: Timeout = UNSET,
        match: Match | None = None,
        key: Any = None,
        done: Match | None = None,
        many: bool = False,
        check: Check | None = None,
        default: Any = UNSET,
    ) -> Reply:
        """Send a request without waiting for its reply: see :meth:`k6ws.Session.start`."""
        asked = Asked(timeout, match, key, done, many, check, default)
        return _requests.start(_owner(self._session), message, name, asked)

    def auto_reply(self, match: Match, reply: Any) -> None:
        """Answer every message that fits, in the core: see :meth:`k6ws.Session.auto_reply`."""
        owner = _owner(self._session)
        _requests.auto_reply(owner, match, reply)

    def ignore(self, match: Match) -> None:
        """Drop every message that fits, in the core; no handler gets it: see :meth:`k6ws.Session.ignore`."""
        _owner(self._session).desk.core.ignore(_core.Matcher.of(match))


def _owner(session: Session[Any]) -> Owner:
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

    __slots__ = ("_session", "correlation", "desk")

    request_timeout = _REQUEST_TIMEOUT_MS

    def __init__(
        self, session: Session[Any], connection: _core.Connection | _core.TcpConnection
    ) -> None:
        """``connection`` is that of the session."""
        self._session = session
        self.correlation: _core.Correlation | None = None
        is_tcp = isinstance(connection, _core.TcpConnection)
        self.desk = Desk(self, connection.converse(), is_tcp=is_tcp)

    @property
    def vu(self) -> Vu:
        """Whose it is."""
        return self._session.vu

    def receive(self, kind: int, data: Any) -> None:
        """Take an event that tells of requests."""
        self.desk.receive(kind, data)

    def close(self) -> None:
        """The connection is gone: keep no time for it any more."""
        self.desk.close()

    def decoded(self, data: Any) -> Any:
        """What callables are given of a message."""
        return data

    def encoded(self, message: Any) -> str | bytes:
        """A message as it is sent."""
        if not isinstance(message, str):
            return as_bytes(message)
        return message if is_well_formed(message) else well_formed(message)

    def ask(self, requests: int) -> None:
        """So many more replies are waited for, or less: nobody reads such a socket on and on."""

    def passed_on(self, kind: int, arrival: _core.Arrival) -> None:
        """Take a message that is nobody's here."""
        self._session.receive(kind, self._session.event_of(arrival))

    def ask_script(self, call: Callable[[], Any]) -> Any:
        """Call what must not wait, where handlers run."""
        vu = self.vu
        if vu.host is not None:
            return call()
        loop = vu.loop
        current = loop.current
        loop.lead_for(vu)
        outer, loop.refusal = loop.refusal, _ASKING
        try:
            return call()
        finally:
            loop.refusal = outer
            loop.turn_to(current)
