"""Requests and rules on the sockets that k6 has: ``ws.Socket``, ``WebSocket``, ``tcp.Socket``.

There a message is for handlers. What ``correlate`` measures goes to them all the same; only what ``request``
and ``start`` wait for, and what a rule takes, does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k6ws._conversation.unset import UNSET
from k6ws._params import part_of

if TYPE_CHECKING:
    from datetime import timedelta

    from k6ws import _core
    from k6ws._conversation.asked import Check
    from k6ws._conversation.durations import Timeout
    from k6ws._conversation.matching import Match
    from k6ws._conversation.owner import Owner
    from k6ws._conversation.reply import Reply
    from k6ws._conversation.watching import Place


@part_of("Socket")
class Asks:
    """What is mixed into a socket of k6's that asks."""

    __slots__ = ()

    _session: Any

    def correlate(
        self, correlation: _core.Correlation, *, timeout: str | timedelta | None = None
    ) -> None:
        """Measure every message that is sent from now on and answered: ``ws_req_duration`` of a script.

        Each message that has a key begins an exchange, which its reply ends; handlers are given the reply all
        the same. Over TCP that is a write; with a framing, a write of one message. One whose key is under way
        already is not measured. What is under way when the connection ends has failed (``closed``); so has,
        with a ``timeout``, what takes longer.

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
        _owner(self).measure(correlation, timeout)

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
        return _owner(self).request(
            message, name, (timeout, match, key, done, many, check, default)
        )

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
        return _owner(self).start(message, name, (timeout, match, key, done, many, check, default))

    def auto_reply(self, match: Match, reply: Any) -> None:
        """Answer every message that fits, in the core: see :meth:`k6ws.Session.auto_reply`."""
        _owner(self).auto_reply(match, reply)

    def ignore(self, match: Match) -> None:
        """Drop every message that fits, in the core; no handler gets it: see :meth:`k6ws.Session.ignore`."""
        _owner(self).ignore(match)

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
        """Watch pushes on their way to handlers, in the core: see :meth:`k6ws.Session.delivered`."""
        _owner(self).delivered(match, name, stamp, sequence, source, take=take)


def _owner(socket: Asks) -> Owner:
    # A socket that never asks waits for none of what that needs.
    from k6ws._conversation.owner import owner_of  # noqa: PLC0415 - as above

    return owner_of(socket._session)  # noqa: SLF001 - its own class
