"""Every exception that k6ws raises, in one tree.

::

    K6Error(Exception)
    ├── OptionsError(K6Error, ValueError)      an option is wrong: exit code 104
    ├── CannotListen(K6Error, OSError)         a port is taken: exit code 106
    ├── UnknownOption(K6Error, TypeError)      a connection parameter that does not exist
    ├── InvalidParameter(K6Error, ValueError)  a connection parameter whose value cannot be
    ├── InvalidCloseCode(K6Error, ValueError)  a close code that may not travel
    ├── InvalidStateError(K6Error, RuntimeError)  a WebSocket is not open
    ├── InvalidAccessError(K6Error, ValueError)   a close code that scripts may not use
    ├── InvalidCloseReason(K6Error, ValueError)   a close reason that does not fit: a SyntaxError of the web
    ├── WSError(K6Error)                       argument of the ``error`` event
    │   └── ConnectError(WSError, ConnectionError)  a connection that was not made
    ├── TCPError(K6Error, ConnectionError)     what went wrong on a TCP socket
    ├── FramingError(K6Error, ValueError)      bytes that are no frames, a message that cannot be framed
    ├── CodecError(K6Error, ValueError)        a message that a codec cannot read or write
    ├── ConnectFailed(K6Error, ConnectionError)   a session that was not opened
    ├── SessionClosed(K6Error, ConnectionError)   a session is used that is closed
    ├── RecvTimeout(K6Error, TimeoutError)     nothing came that was waited for
    ├── NoSamples(K6Error, LookupError)        a figure of a metric that has none
    ├── RunNotOk(K6Error, AssertionError)      a run in which not all went well
    ├── NotInstalled(K6Error, ImportError)     a package that a call needs is not there
    ├── BarrierTimeout(K6Error, TimeoutError)  not all were at a barrier in time
    ├── FeederExhausted(K6Error, LookupError)  a feeder has no row left
    ├── InitContextError(K6Error)              something that only works inside a VU
    └── TestAborted(K6Error)                   the script ended the test while it was loaded: exit code 108
    Interrupted(BaseException)                 this VU has been cut; let it pass

``str(error)`` is the text, which begins with k6's where k6 has one; ``error.hint`` says what to do about it,
and tracebacks show it. All can be copied and pickled, so that they come through process pools.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = [
    "BarrierTimeout",
    "CannotListen",
    "CodecError",
    "ConnectError",
    "ConnectFailed",
    "DuplicateKey",
    "FeederExhausted",
    "FramingError",
    "InitContextError",
    "Interrupted",
    "InvalidAccessError",
    "InvalidCloseCode",
    "InvalidCloseReason",
    "InvalidParameter",
    "InvalidStateError",
    "K6Error",
    "MissingKey",
    "NoSamples",
    "NotInstalled",
    "OptionsError",
    "RecvTimeout",
    "RequestFailed",
    "RunNotOk",
    "SessionClosed",
    "TCPError",
    "TestAborted",
    "UnknownOption",
    "WSError",
]


class K6Error(Exception):
    """Root of what k6ws raises; ``hint`` is advice for the reader, often empty."""

    def __init__(self, text: str = "", hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint
        if hint:
            self.add_note(f"hint: {hint}")

    def error(self) -> str:
        """The text, as a method: k6 scripts call ``e.error()``."""
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as text and fields: each class takes other arguments."""
        fields = dict(self.__dict__)
        if "__notes__" in fields:
            # A copy gets its own list: a note added to one of them is not the other's.
            fields["__notes__"] = list(fields["__notes__"])
        return _remade, (type(self), self.args), fields


def _remade(kind: type[K6Error], arguments: tuple[Any, ...]) -> K6Error:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class OptionsError(K6Error, ValueError):
    """An option is unknown, malformed or contradicts another one."""


class CannotListen(K6Error, OSError):
    """Nobody can listen there: the port is taken, for example."""


class UnknownOption(K6Error, TypeError):
    """A connection parameter that does not exist; the hint names the nearest one."""


class InvalidParameter(K6Error, ValueError):
    """A connection parameter whose value cannot be; the text names the parameter."""


class InvalidCloseCode(K6Error, ValueError):
    """A close code outside 1000-4999, or one that never travels (1004, 1006, 1015)."""


class InvalidStateError(K6Error, RuntimeError):
    """A WebSocket is used that is not open; the hint says what it is instead."""


class InvalidAccessError(K6Error, ValueError):
    """A close code other than 1000 and 3000-4999."""


class InvalidCloseReason(K6Error, ValueError):
    """A close reason of more than 123 bytes."""


class InitContextError(K6Error):
    """Something was used in the body of the script that only works inside a VU."""


class NoSamples(K6Error, LookupError):
    """A figure was asked for of a metric that has no samples: there is none, and 0 would be one."""


class RunNotOk(K6Error, AssertionError):
    """A run in which not all went well; raised by ``Result.assert_ok``.

    Attributes:
        problems: What was not in order, each as it is told, with its hint.
    """

    def __init__(self, text: str = "", hint: str = "", *, problems: Sequence[str] = ()) -> None:
        super().__init__(text, hint)
        self.problems = list(problems)


class NotInstalled(K6Error, ImportError):
    """A package is needed that is not installed; the hint is the command that installs it."""


class WSError(K6Error):
    """What went wrong on a WebSocket; the argument of ``error`` handlers.

    Attributes:
        code: The close code the peer sent, or ``None`` when it sent none.
        text: The peer's close reason, often empty.
        cause: A stable word for the kind of failure (``eof``, ``reset``, ``protocol`` …), or empty.
    """

    def __init__(
        self,
        text: str,
        hint: str = "",
        *,
        code: int | None = None,
        reason: str = "",
        cause: str = "",
    ) -> None:
        super().__init__(text, hint)
        self.code = code
        self.text = reason
        self.cause = cause


class ConnectError(WSError, ConnectionError):
    """A connection could not be made; raised by ``ws.connect`` under ``throw``.

    Attributes:
        url: The URL as the script gave it.
        phase: Where it failed: ``resolve``, ``connect``, ``tls`` or ``upgrade``.
        status: The HTTP status if the server answered, else 0.
        headers: The headers of that answer.
        body: The first KiB of its body.
    """

    def __init__(
        self,
        text: str,
        hint: str = "",
        *,
        url: str = "",
        phase: str = "",
        cause: str = "",
        status: int = 0,
        headers: dict[str, str] | None = None,
        body: str = "",
    ) -> None:
        super().__init__(text, hint, cause=cause)
        self.url = url
        self.phase = phase
        self.status = status
        self.headers = headers or {}
        self.body = body


class FramingError(K6Error, ValueError):
    """Bytes that are no frames of a framing, or a message that it cannot send; the text has the numbers."""


class CodecError(K6Error, ValueError):
    """A message that its codec cannot read or write; of JSON the text says where, with a piece of it."""


class MissingKey(K6Error, ValueError):
    """A request whose message has no key where its session's correlation looks for one; nothing was sent."""


class DuplicateKey(K6Error, ValueError):
    """A request with the key of another one, which is under way or whose late reply may still come.

    Nothing was sent.
    """


class RequestFailed(K6Error):
    """A request came to no good reply.

    Attributes:
        error: Why: ``timeout`` (none came in time), ``closed`` (the session ended first, or was over),
            ``check`` (one came and is wrong, or with ``many`` longer than is kept), ``send`` (the peer does
            not read) or ``cut`` (its VU was cut). The tag ``error`` of ``ws_req_failed`` and
            ``tcp_req_failed``.
        name: As what it is recorded.
        reply: What came, where ``error`` is ``check``; ``None`` if that was too long, and else.
        replies: Of ``request_all``: what came of each, the failed ones as exceptions; else empty.
    """

    def __init__(
        self, text: str, hint: str = "", *, error: str = "", name: str = "", reply: Any = None
    ) -> None:
        super().__init__(text, hint)
        # In place of the method that k6 scripts call: this is none of k6's.
        self.error = error  # pyright: ignore[reportAttributeAccessIssue]
        self.name = name
        self.reply = reply
        self.replies: list[Any] = []


class TCPError(K6Error, ConnectionError):
    """What went wrong on a TCP socket: the argument of ``error`` handlers, and what operations fail with.

    ``str(error)`` is ``TCP error during <method>: <message>``.

    Attributes:
        name: Always ``TCPError``.
        method: What was being done: ``connect``, ``read``, ``write`` or ``start_tls``.
        message: What went wrong.
        phase: Where a connect failed: ``resolve``, ``connect`` or ``tls``; else empty.
        cause: A stable word for the kind of failure (``connect_refused``, ``reset`` …), or empty.
    """

    name = "TCPError"

    def __init__(
        self, method: str, message: str, hint: str = "", *, phase: str = "", cause: str = ""
    ) -> None:
        super().__init__(f"TCP error during {method}: {message}", hint)
        self.method = method
        self.message = message
        self.phase = phase
        self.cause = cause


class ConnectFailed(K6Error, ConnectionError):
    """A session could not be opened; raised by ``ws.open``, ``tcp.open`` and their async twins.

    Attributes:
        url: The URL as the script gave it; of TCP the host and the port.
        phase: Where it failed: ``resolve``, ``connect``, ``proxy``, ``tls`` or ``upgrade``; else empty.
        cause: A stable word for why (``dns``, ``connect_refused``, ``tls_verify`` …).
        status: The HTTP status if a server answered the handshake, else 0.
        headers: The headers of that answer.
        body: The first KiB of its body.
    """

    def __init__(
        self,
        text: str,
        hint: str = "",
        *,
        url: str = "",
        phase: str = "",
        cause: str = "",
        status: int = 0,
        headers: dict[str, str] | None = None,
        body: str = "",
    ) -> None:
        super().__init__(text, hint)
        self.url = url
        self.phase = phase
        self.cause = cause
        self.status = status
        self.headers = headers or {}
        self.body = body


class SessionClosed(K6Error, ConnectionError):
    """A session is used that is closed; the text says how it ended.

    Attributes:
        code: The close code, 1006 where there was none; of TCP ``None``.
        reason: The reason that came with it, often empty.
        by: Who ended it: ``server``, ``us``, or ``nobody`` where the connection broke.
        error: What broke it, if anything did.
    """

    def __init__(
        self,
        text: str,
        hint: str = "",
        *,
        code: int | None = None,
        reason: str = "",
        by: str = "us",
        error: K6Error | None = None,
    ) -> None:
        super().__init__(text, hint)
        self.code = code
        self.reason = reason
        self.by = by
        # In place of the method that k6 scripts call: this is none of k6's.
        self.error = error  # pyright: ignore[reportAttributeAccessIssue]


class RecvTimeout(K6Error, TimeoutError):
    """Nothing that was waited for came in time; the session goes on."""


class BarrierTimeout(K6Error, TimeoutError):
    """Not all were at a :func:`~k6ws.barrier` in time; raised in all who waited there."""


class FeederExhausted(K6Error, LookupError):
    """A feeder has no row left, and its ``on_end`` is ``"fail"``, or nothing is there to be stopped."""


class Interrupted(BaseException):
    """This VU has been cut: its time is up, or the run was stopped.

    Raised once in every place where the VU waits, so that ``finally`` blocks run. Any k6ws call after that
    raises it again at once. Not an ``Exception``, so that ``except Exception`` lets it pass.
    """


class TestAborted(K6Error):
    """``execution.test.abort()`` in the body of a script: there is no test."""

    __test__ = False
