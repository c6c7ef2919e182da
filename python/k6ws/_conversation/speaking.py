"""What a session does by itself, and requests that nobody waits for: alike in both spellings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from k6ws import _core
from k6ws._conversation import requests as _requests
from k6ws._conversation.asked import Asked, Check
from k6ws._conversation.durations import UNSET, Timeout, patience
from k6ws._conversation.every import Every
from k6ws._conversation.matching import Match
from k6ws._conversation.parameters import checked
from k6ws._conversation.reply import Reply
from k6ws._conversation.spoken import check_cut
from k6ws._conversation.watching import Place, watch
from k6ws._params import part_of
from k6ws.errors import InvalidParameter


@part_of("Session")
class Speaking:
    """What is mixed into every session."""

    __slots__ = ()

    _source: Any

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
        """Send a request without waiting for its reply; thousands may be under way on a session.

        Args:
            message: As for ``send``.
            name: As for ``request``, and so are the others.
            timeout: How long it may take.
            match: What the reply is known by.
            key: What it is correlated by.
            done: Its last message.
            many: All of its messages are wanted.
            check: What it has to fulfil.
            default: What ``wait`` returns where it failed.

        Returns:
            What stands for it: ``wait()`` or ``await`` it, or leave it. It is counted in any case, and where
            the peer does not read it has failed: a start never waits.

        Raises:
            MissingKey: The message has no key; nothing was sent.
            DuplicateKey: A request with its key is under way; nothing was sent.

        Example:
            >>> replies = [session.start(query(n), "query") for n in range(32)]      # doctest: +SKIP
            >>> answers = [reply.wait() for reply in replies]                         # doctest: +SKIP
        """
        source = self._source
        if source.vu.is_cut:
            source.vu.check_alive()
        if match is key is done is check is None and not many and default is UNSET:
            desk = source.own_desk or source.desk
            is_free = desk.comeback is None or not desk.comeback.holds()
            if desk.is_plain and is_free and not source.awaits_room:
                ms = source.recv_timeout if timeout is UNSET else patience(timeout)
                reply = desk.start(message, name, ms)
                if reply is not None:
                    return reply
        if message is None:
            text = "start() sends a message; request(None, …) waits for what the peer says next"
            raise TypeError(text)
        asked = Asked(timeout, match, key, done, many, check, default)
        return _requests.start(source, message, name, asked, waits=source.awaits_room)

    def correlate(self, correlation: _core.Correlation) -> None:
        """Know replies by this from now on, as ``correlate`` says it of a session that is opened.

        For a server that speaks otherwise before a login than after it. Call it while no request is under
        way: those that are have what they are known by already, and a reply is looked for by this alone.

        Args:
            correlation: ``by(…)`` or ``in_order(…)`` of :mod:`k6ws.correlate`.

        Raises:
            TypeError: Something else was given.

        Example:
            >>> session.request("LOGIN user secret", "log in")       # doctest: +SKIP
            >>> session.correlate(by("/id"))                         # doctest: +SKIP
        """
        source = self._source
        source.vu.check_alive()
        source.vu.loop.core.check_thread()
        check_cut(source.messages)
        source.correlate(checked(correlation))

    def auto_reply(self, match: Match, reply: Any) -> None:
        """Answer every message that fits, in the core: no Python runs for it.

        Such a message is taken: no ``recv`` and no handler gets it. Those that are in the inbox are answered
        at once. Answers are counted in ``ws_auto_replies`` (``tcp_auto_replies``) when they have left: what
        comes when the session is closing is answered by nobody.

        Args:
            match: Which messages, as for ``recv``.
            reply: What is sent: text, or bytes, as they stand. In text ``{1}`` and ``{name}`` stand for what
                the pattern of ``match`` captured, ``{/pointer}`` for the JSON at that pointer; ``{{1}``
                writes ``{1}``. With ``codec="json"`` text is JSON already; or it is an object, in which a
                text ``"{/pointer}"`` stands for that JSON. Or a function that is given the message and
                returns the answer as for ``send``, or ``None`` for none: it runs in Python, and must not
                wait.

        Raises:
            InvalidParameter: The reply takes something that the match cannot have, or is bytes and would take
                something if it were text.

        Example:
            >>> session.auto_reply("2", "3")                              # doctest: +SKIP
            >>> session.auto_reply(json({"/0": 2}), "[3, {/1}, {}]")      # doctest: +SKIP
        """
        source = self._source
        source.vu.check_alive()
        check_cut(source.messages)
        source.rule_added(_requests.auto_reply(source, match, reply))

    def ignore(self, match: Match) -> None:
        """Drop every message that fits, in the core: no ``recv``, no handler and no inbox gets it.

        Args:
            match: Which messages, as for ``recv``.

        Example:
            >>> session.ignore(json({"type": "keepalive"}))      # doctest: +SKIP
        """
        source = self._source
        source.vu.check_alive()
        check_cut(source.messages)
        source.rule_added(source.desk.core.ignore(_core.Matcher.of(match)))

    def delivered(
        self,
        match: Match,
        name: str,
        *,
        stamp: Place | None = None,
        sequence: Place | None = None,
        source: Place | None = None,
        take: bool = False,
    ) -> None:
        """Watch pushes as they pass, in the core: how old they are, and which are missing.

        Each message that fits, and that no request and no rule before this one has taken, counts in
        ``ws_deliveries`` (``tcp_deliveries``; so all of these) with the tag ``name``, and goes on as ever.

        Args:
            match: Which messages, as for ``recv``.
            name: The tag.
            stamp: Where the clock of who sent it stands: a JSON pointer, or ``capture(…)``, ``field(…)``
                (bytes, the greatest first) or a function, as for :func:`k6ws.correlate.by`. It is the time
                since 1970, as ``time.time()`` has it, or in ms, µs or ns; a function may return a
                ``datetime`` as well. From then to the arrival is ``ws_delivery_duration``. Where it is later
                than the arrival, two clocks differ: that counts in ``ws_deliveries_early`` instead. What is
                no time of today gives neither.
            sequence: Where the number stands that grows by one with each push. Numbers between the first and
                the last that never came count in ``ws_deliveries_lost``: once 128 newer ones have, or at the
                end of the session. What comes again, or that late, counts in ``ws_deliveries_doubled``.
            source: Where it stands who numbers them: each source has numbers of its own.
            take: Whether nobody else gets them: where many come and nobody reads.

        What lay in the inbox before is counted, and has no duration.

        Raises:
            TypeError: What says no place in a message.
            InvalidParameter: A pointer or a pattern that cannot be, or a ``source`` without a ``sequence``.

        Example:
            >>> session.delivered(json({"/type": "tick"}), "tick", stamp="/ts", sequence="/n",
            ...                   source="/symbol", take=True)             # doctest: +SKIP
        """
        owner = self._source
        owner.vu.check_alive()
        check_cut(owner.messages)
        owner.rule_added(watch(owner.desk, match, name, stamp, sequence, source, take))

    def every(self, interval: str | timedelta, message: Any, name: str | None = None) -> Every:
        """Send a message again and again while the session is open, first after one interval.

        With a ``name`` each is a request, made as by :meth:`start` and waited for by nobody, so that a peer
        that stalls slows none of them: ``ws_req_duration{name}`` is timed from its write,
        ``ws_req_planned_duration{name}`` from the instant at which it was due. As any timer it waits while
        handlers keep the loop: those that came due meanwhile are then made at once, and are one without a
        name.

        Args:
            interval: ``"4s"``, or a ``timedelta``.
            message: As for ``send``, or a function that returns it, or ``None`` for nothing this time.
                Where replies are known by a key, a function that gives each its own.
            name: Under which requests are recorded; without one nothing is waited for.

        Returns:
            What ends it: ``stop()``.

        Example:
            >>> beat = session.every("30s", '{"op": "ping"}')      # doctest: +SKIP
            >>> beat.stop()                                        # doctest: +SKIP
            >>> session.every("1s", lambda: question(next(ids)), "ask")     # doctest: +SKIP
        """
        source = self._source
        source.vu.check_alive()
        ms = patience(interval, "interval")
        if not ms:
            text = f"every() takes an interval that is longer than nothing, not {interval!r}"
            raise InvalidParameter(text)
        if name is not None and not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] - a script may
            raise TypeError(f"every() takes the name of its requests as text, not {name!r}")
        return Every(source, ms, message, name)
