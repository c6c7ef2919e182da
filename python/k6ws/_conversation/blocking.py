"""``request`` and ``request_all`` for code that blocks."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from k6ws._conversation import requests as _requests
from k6ws._conversation.asked import Asked, Check
from k6ws._conversation.durations import UNSET, Timeout, patience
from k6ws._conversation.greeting import Greeting
from k6ws._conversation.inbox import Message
from k6ws._conversation.matching import Match
from k6ws._conversation.reply import Reply, failed, timed_out
from k6ws._params import part_of
from k6ws._socket.send_room import FULL
from k6ws.errors import RequestFailed


@part_of("Session")
class BlockingRequests:
    """What is mixed into a session that blocking code speaks on."""

    __slots__ = ()

    _source: Any

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
        """Send a request and wait for the reply that belongs to it, timed at the wire.

        ``ws_req_duration{name}`` (``tcp_req_duration`` over TCP) is the time from just before the write that
        took the request's last byte until just after the read that completed the reply, whatever Python does
        meanwhile. Every request is one sample of ``ws_req_failed``: made = answered + failed.

        Args:
            message: As for ``send``. ``None`` sends nothing and waits for what the peer says next: one
                message, or those up to ``done``; of several with ``many`` also up to what ends replies of
                the session.
            name: What it is recorded by.
            timeout: How long it may take: ``"1.5s"``, a ``timedelta``, or ``None`` for as long as its
                iteration may. Without it ``recv_timeout`` of the session.
            match: The reply is the next message that fits this, whatever its key, and it alone: what ends the
                other replies of the session is asked only with ``many``.
            key: Its key, where it is not to be looked for in the message.
            done: Which message is the last one of a reply in several; the reply is that one.
            many: The reply is a list of all its messages, up to the one that is ``done``. They are kept up to
                16 MiB together, or as much as one message may have where that is more; a longer reply is a
                failed request, with the error ``check``.
            check: What the reply has to fulfil: a predicate, or several with the names that they are recorded
                by as ``checks``. A function is given what is returned, with ``many`` the list; a matcher
                looks at the message, of several at the last one. A wrong answer is a failed request.
            default: Returned instead of an exception where the request failed.

        Returns:
            The reply: ``str`` or ``bytes``, or what the session's codec makes of it.

        Raises:
            RequestFailed: No reply in time, a wrong one, or a session that ended: ``error`` says which.
            MissingKey: The message has no key; nothing was sent.
            DuplicateKey: A request with its key is under way; nothing was sent.
            K6Error: Nothing says how its reply is known: neither ``correlate`` of the session nor ``match``.

        Example:
            >>> with ws.open(url, correlate=by("/id")) as session:     # doctest: +SKIP
            ...     reply = session.request('{"id": 1, "method": "ping"}', "ping", timeout="2s")
        """
        source = self._source
        # Every call asks: another loop may run here only where it was loaded.
        if source.vu.is_cut or "asyncio" in sys.modules or "gevent" in sys.modules:
            self._check_may_block("request()")
        if match is key is done is check is None and not many and default is UNSET:
            desk = source.own_desk or source.desk
            if desk.is_plain and (desk.comeback is None or not desk.comeback.holds()):
                ms = source.recv_timeout if timeout is UNSET else patience(timeout)
                outcome = desk.ask(message, name, ms)
                if outcome is not None:
                    error, reply, _ = outcome
                    if error is None:
                        return reply
                    if error == "timeout":
                        raise timed_out(name, reply, source.latest)
                    said = source.why_closed() if error == "closed" else None
                    raise failed(error, name, said=said)
        asked = Asked(timeout, match, key, done, many, check, default)
        if message is None:
            return self._greeted(name, asked)
        reply, data, status = _requests.begin(source, message, name, asked)
        if status == FULL:
            self._send_when_room(reply, data, _requests.time_of(source, asked))
        return reply.wait()

    def request_all(self, requests: Iterable[Any], **keywords: Any) -> list[Any]:
        """Send several requests at once and wait for all of their replies.

        Args:
            requests: Each ``(message, name)``, or ``(message, name, {…})`` with keywords of its own.
            **keywords: Those of :meth:`request`, for all of them.

        Returns:
            The replies in the order of the requests, which may not be that of their arrival.

        Raises:
            RequestFailed: The first that failed, when all have an outcome; ``replies`` has those of all, the
                failed ones as exceptions.

        Example:
            >>> session.request_all([("GET a", "get"), ("GET b", "get")])     # doctest: +SKIP
            ['1', '2']
        """
        source = self._source
        source.vu.check_alive()
        self._check_may_block("request_all()")
        made = [
            _requests.start(source, message, name, asked)
            for message, name, asked in _requests.items_of(requests, keywords)
        ]
        return _requests.collected(made, Reply.wait)

    def _send_when_room(self, reply: Reply, data: str | bytes, ms: float | None) -> None:
        source, desk = self._source, self._source.desk

        def again() -> int:
            return desk.core.send_again(reply, data)

        if source.wait_for_room(again, ms) == FULL:
            # It had no more time than that: then that is why.
            desk.core.expire()
            desk.core.not_sent(reply)

    def _greeted(self, name: str, asked: Asked) -> Any:
        try:
            with Greeting(self._source, name, asked) as greeting:
                while not greeting.take(self._receive(asked.match, greeting.left(), "request()")):
                    pass
                return greeting.reply()
        except RequestFailed:
            if asked.default is UNSET:
                raise
            return asked.default

    def _check_may_block(self, call: str) -> None:
        raise NotImplementedError

    def _receive(self, match: Match | None, timeout: Timeout, call: str) -> Message:
        raise NotImplementedError
