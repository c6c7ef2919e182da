"""What scripts may change on a TCP socket while it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from k6ws import _core, _params
from k6ws._params import part_of
from k6ws.errors import FramingError
from k6ws.tcp.properties import Properties

if TYPE_CHECKING:
    from k6ws._params.keywords import Time


@part_of("Socket")
class Tuning(Properties):
    """The options of a :class:`Socket` that have a method."""

    __slots__ = ()

    def set_framing(self, framing: _core.Framing) -> Self:
        """Cut what comes from here on by another framing, and send by it: between two messages of a protocol.

        Args:
            framing: What :mod:`k6ws.framing` makes. PostgreSQL, asked for TLS, answers with one byte: that is
                ``fixed(1)``; then messages with a length follow.

        Returns:
            The socket.

        Raises:
            FramingError: The socket has no framing to change, or a part of a message has come.
            TypeError: ``framing`` is none.
        """
        wanted = _params.read_framing(framing)
        session = self._session
        session.vu.check_alive()
        connection, messages = session.connection, session.messages
        if connection is None or messages is None or not connection.set_framing(wanted):
            text = "the socket is not open, or was opened without a framing"
            raise FramingError(text, "connect(port, host, framing=…)")
        messages.framing = wanted
        return self

    def set_no_delay(self, enabled: bool = True) -> Self:
        """Send small pieces at once (``TCP_NODELAY``), or let the system gather them.

        Args:
            enabled: As the option ``no_delay`` of :meth:`connect`, which counts from the next connect on.

        Returns:
            The socket.

        Raises:
            TypeError: ``enabled`` is not true or false.
        """
        wanted = _params.flag(enabled, "no_delay")
        connection = self._session.connection
        if connection is not None:
            connection.adjust(no_delay=wanted)
        self._keep(no_delay=wanted)
        return self

    def set_keep_alive(self, idle: bool | Time = True) -> Self:
        """Have the system probe a peer that has been silent, so that one that is gone is noticed.

        Args:
            idle: As the option ``keep_alive``: ``True`` (30 s), ``False``, or the idle time as milliseconds
                or text such as ``"10s"``, one second at least.

        Returns:
            The socket.

        Raises:
            TypeError: ``idle`` is none of these.
        """
        wanted = _params.keep_alive(idle)
        connection = self._session.connection
        if connection is not None:
            connection.adjust(keep_alive=wanted or 0.0)
        self._keep(keep_alive=wanted)
        return self

    def _keep(self, **settings: Any) -> None:
        changed = self._session.defaults.socket._replace(**settings)
        self._session.defaults = self._session.defaults._replace(socket=changed)

    setFraming = set_framing  # noqa: N815 - k6's way of spelling, here and below
    setNoDelay = set_no_delay  # noqa: N815
    setKeepAlive = set_keep_alive  # noqa: N815
