"""How a session comes back: it loses its connection, waits, dials, lets ``on_open`` speak, and goes on.

| its session is | and | becomes |
| --- | --- | --- |
| ``OPEN`` | the connection ends as the policy says | ``DOWN``: what was sent has failed |
| ``DOWN`` | the stream is gone, and the pause is over | it dials |
| ``DOWN`` | the dial is refused | it waits again, longer; ``CLOSED`` when its tries are spent |
| ``DOWN`` | the dial has succeeded | ``OPEN``; ``on_open`` runs, and everybody else waits |
| ``OPEN`` | ``on_open`` has returned | what waited goes out; handlers of ``open`` are told |
| ``OPEN`` | ``on_open`` has raised | ``DOWN``: as a dial that was refused |
| ``DOWN`` | ``close``, a cut, the end of its iteration | ``CLOSED``, at once |

All of it happens in the dispatcher, whatever the VU does meanwhile. The core has one conversation for all
connections of a session, so that requests that were not sent, and rules, outlast each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from k6ws import _core
from k6ws._conversation.backoff import Backoff
from k6ws._conversation.ending import Ending
from k6ws._conversation.entering import Entering
from k6ws._conversation.standby import Standby
from k6ws._conversation.states import BACK, DOWN, DROPPED, OPEN
from k6ws._loop import Vu
from k6ws._socket.ends import GOING_AWAY
from k6ws.errors import K6Error


class Target(Protocol):
    """Whom a session connects to, and how, as often as it has to."""

    def dial(self, conversation: _core.Conversation | None, /) -> Any:
        """Begin to connect; the connection in the making."""
        ...

    def taken_up(self, connection: Any, face: Any, /) -> None:
        """Take in how the handshake of a new connection ended, for whoever holds the session."""
        ...

    def failure(self, connection: Any, /) -> K6Error | None:
        """Why there is no connection, if there is none."""
        ...


class Comeback:
    """Of one session that has a policy."""

    __slots__ = (
        "_alarm",
        "_chance",
        "_dialling",
        "_down_since",
        "_error",
        "_failed",
        "_is_gone",
        "_opened_at",
        "_pause",
        "_since",
        "_source",
        "_target",
        "backoff",
        "drops",
        "entering",
        "face",
        "last",
        "standby",
    )

    def __init__(
        self, source: Any, target: Target, backoff: Backoff, entering: Entering | None
    ) -> None:
        self._source = source
        self._target = target
        self.backoff = backoff
        self.entering = entering
        # What the script holds; known once it is open.
        self.face: Any = None
        vu: Vu = source.vu
        from random import Random  # noqa: PLC0415 - few sessions come back

        # Of its own: when a connection breaks must not change what else the script draws.
        self._chance = Random(vu.generator().random())  # noqa: S311 - repeatable, not secret
        self._alarm: int | None = None
        self._dialling: Any = None
        # Attempts that failed in a row, and the pause before the latest one.
        self._failed = 0
        self._pause = 0.0
        # When the latest attempt failed or the connection ended; when that was; when there was one.
        self._since = self._down_since = self._opened_at = 0.0
        # Nothing more comes from the connection that is lost.
        self._is_gone = True
        self.last: Ending | None = None
        # How often it has lost one.
        self.drops = 0
        # What the latest attempt came to nothing by.
        self._error: K6Error | None = None
        self.standby = Standby(source, self)

    # Who may speak ------------------------------------------------------------------------------------

    def holds(self) -> bool:
        """Whether what is said now has to wait."""
        entering = self.entering
        if entering is None or not entering.is_under_way:
            return self._source.state == DOWN
        return not entering.is_inside()

    def is_lost_inside(self) -> bool:
        """Whether ``on_open`` asks, and the connection that it speaks on is lost."""
        return self._source.state == DOWN and self.is_inside()

    def is_inside(self) -> bool:
        """Whether ``on_open`` asks."""
        return self.entering is not None and self.entering.is_inside()

    def binds(self, call: str) -> bool:
        """Whether what this call waits for comes on this connection or not at all."""
        return self._source.state != DOWN and (call == "request()" or self.is_inside())

    def undoes(self, undo: Callable[[], object]) -> None:
        """Have what ``on_open`` has registered go before it runs anew."""
        if self.entering is not None:
            self.entering.undoes(undo)

    # What the core tells ------------------------------------------------------------------------------

    def take(self, kind: int, data: Any) -> bool:
        """Take an event that is about one of its connections; false of one that is about the session."""
        source = self._source
        if source.state == DOWN:
            if kind == _core.OPENED:
                self._opened()
            elif kind == _core.REFUSED:
                self._refused()
            elif kind == _core.ENDED:
                self._stream_gone()
            return True
        if source.state == OPEN and kind == _core.CLOSED:
            return self._dropped(data)
        # What an attempt that was given up says, or a stream that outlived its session.
        return bool(source.is_gone)

    def _dropped(self, data: Any) -> bool:
        source = self._source
        ending = source.ended_by(data)
        if not self._wants(ending):
            return False
        source.state = DOWN
        self.last = ending
        self.drops += 1
        self._is_gone = False
        self._since = self._down_since = source.vu.loop.core.arrived()
        if not self._is_entering():
            lived = self._since - self._opened_at
            self._failed = 0 if lived >= self._pause else self._failed + 1
        source.inbox.count_by(None)
        source.tell(_core.CLOSED, data)
        for wait in source.bound_waits(ending.raised("recv()")):
            wait.end()
        self._settle()
        return True

    def _wants(self, ending: Ending) -> bool:
        source = self._source
        return (
            not source.is_broken and not source.is_leaving and self.backoff.comes_back(ending.code)
        )

    def _stream_gone(self) -> None:
        self._is_gone = True
        if self._source.is_tcp:
            self._source.tell(DROPPED, None)
        if self._source.state == DOWN and not self._is_entering():
            self._arm()
        self._settle()
        # Last: a greenlet that waits goes on at once, and this behind it.
        self._source.connection_gone()

    def _is_entering(self) -> bool:
        return self.entering is not None and self.entering.is_under_way

    def _arm(self) -> None:
        """Wait for the next attempt, unless there have been enough."""
        source = self._source
        if self.backoff.is_spent(self._failed):
            self._give_up()
            return
        core = source.vu.loop.core
        self._pause = self.backoff.pause(self._failed, self._chance.random())
        ms = max(self._since + self._pause - core.now(), 0.0)
        self._alarm = core.add_timer(ms, self._dial)

    def _dial(self, _kind: int, _data: object) -> None:
        self._alarm = None
        source = self._source
        if source.state != DOWN:
            return
        source.connection.reconnects()
        try:
            self._dialling = self._target.dial(source.conversation)
        except K6Error as error:
            self._attempt_failed(error)
            self._arm()

    def _refused(self) -> None:
        connection, self._dialling = self._dialling, None
        self._attempt_failed(self._target.failure(connection))
        self._arm()
        self._settle()

    def _opened(self) -> None:
        source = self._source
        connection, self._dialling = self._dialling, None
        self._opened_at = source.vu.loop.core.arrived()
        source.take_up(connection)
        self._target.taken_up(connection, self.face)
        source.state = OPEN
        if self.entering is None:
            self._up()
        elif source.vu.host is None:
            self.entering.apart(self.face, self._entered)
        else:
            source.dispatched(self._enter_in_asyncio)
        self._settle()

    def _enter_in_asyncio(self) -> None:
        assert self.entering is not None, "there is something to run"  # noqa: S101
        self.entering.apart_in_asyncio(self._source, self.face, self._entered)

    # on_open ------------------------------------------------------------------------------------------

    def first(self, at: float, face: Any) -> None:
        """It has its first connection since then."""
        self._opened_at = at
        self.face = face

    def entered_first(self) -> None:
        """``on_open`` has returned for the first time; the connection may be lost meanwhile."""
        if self._source.state == DOWN:
            self._entered(None)

    def _entered(self, error: BaseException | None) -> None:
        source = self._source
        if source.state == OPEN and error is None:
            self._up()
        elif source.state in {OPEN, DOWN}:
            self._attempt_failed(error if isinstance(error, Exception) else None)
            if source.state == OPEN:
                self.last = Ending(None if source.is_tcp else GOING_AWAY, "", "us", self._error)
                source.state, self._is_gone = DOWN, False
                self.drops += 1
                source.leave_connection()
            if error is not None:
                source.vu.loop.notices.warn(
                    (Comeback, type(error)),
                    f"on_open raised {error!r}: its connection is closed, and the session tries again",
                )
            if self._is_gone:
                self._arm()

    def _attempt_failed(self, error: Exception | None) -> None:
        self._failed += 1
        self._since = self._source.vu.loop.core.now()
        if error is not None:
            self._error = (
                error if isinstance(error, K6Error) else K6Error(f"on_open raised {error!r}")
            )

    def _up(self) -> None:
        """Everybody may speak again."""
        source = self._source
        core = source.vu.loop.core
        source.connection.was_down(max(core.now() - self._down_since, 0.0))
        source.weigh()
        source.go_on()
        # By an event: this may be the greenlet of `on_open`, and handlers run in that of the leader.
        core.add_timer(0.0, self._tell)
        self.standby.wake()

    def _tell(self, _kind: int, _data: object) -> None:
        if self._source.state == OPEN:
            self._source.tell(BACK, None)
        self._settle()

    # How it ends --------------------------------------------------------------------------------------

    def _give_up(self) -> None:
        last = self.last
        assert last is not None, "it has lost a connection"  # noqa: S101
        text = f"{self._failed} attempts to connect again have failed"
        hint = "tries= of Backoff says how many there are"
        if self._error is not None:
            text = f"{text}; the last one: {self._error}"
            hint = self._error.hint or hint
        error = K6Error(text, hint)
        error.__cause__ = self._error
        self.finish(last._replace(error=error))

    def finish(self, ending: Ending) -> None:
        """It does not come back: a session that is down is over."""
        source = self._source
        self.stop()
        core = source.vu.loop.core
        source.connection.was_down(max(core.now() - self._down_since, 0.0))
        source.over(ending)

    def stop(self) -> None:
        """Nothing more is tried, and what waits has failed."""
        core = self._source.vu.loop.core
        if self._alarm is not None:
            core.cancel_timer(self._alarm)
            self._alarm = None
        dialling, self._dialling = self._dialling, None
        if dialling is not None:
            self._source.abort(dialling)
        if self.entering is not None:
            self.entering.stop()
        self.standby.clear()
        if self._source.conversation is not None:
            self._source.conversation.over()

    def cut(self) -> None:
        """Its session is left at once, and nobody is told."""
        source = self._source
        was_down = source.state == DOWN
        self.stop()
        if was_down:
            core = source.vu.loop.core
            source.connection.was_down(max(core.now() - self._down_since, 0.0))
            source.let_go()

    def _settle(self) -> None:
        vu = self._source.vu
        if vu.is_unsettled:
            vu.settle()
