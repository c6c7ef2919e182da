"""Targets that do what a test says, in this process, on a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from k6ws._core import Framing
from k6ws._run.background import Background
from k6ws.errors import K6Error
from k6ws.testing.actions import Action, Answer, Refuse, answering, checked
from k6ws.testing.address import Address
from k6ws.testing.peer import Peer, TcpPeer, WebSocketPeer

Rules: TypeAlias = "Mapping[Any, Any] | Sequence[tuple[Any, Any]]"
Opened: TypeAlias = "Action | Callable[[int], Action]"

_KEPT = 10_000
_KEPT_BYTES = 64 << 20
_PATIENCE_S = 10.0
_Made: TypeAlias = Callable[[socket.socket, Answer, Callable[[Any], None]], Peer]


class Target:
    """A target for the length of a ``with`` or ``async with`` block, which gives its URL.

    What a function of the test raises, or a client does that it may not, is raised at the end of the block.
    """

    def __init__(self, scheme: str, answer: Answer, on_open: Opened, made: _Made) -> None:
        """Made by :func:`target` and :func:`tcp_target`."""
        self._scheme = scheme
        self._answer = answer
        self._on_open = on_open if callable(on_open) else checked(on_open)
        self._made = made
        self._lock = threading.Lock()
        self._received: list[Any] = []
        self._count = 0
        self._bytes = 0
        self._connections = 0
        self._failure: BaseException | None = None
        self._thread: Background | None = None
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None

    @property
    def received(self) -> list[Any]:
        """What clients have said, in order: the first 10,000 messages, or 64 MiB of them."""
        with self._lock:
            return list(self._received)

    @property
    def messages(self) -> int:
        """How many messages clients have said."""
        return self._count

    @property
    def connections(self) -> int:
        """How many clients came."""
        return self._connections

    def __enter__(self) -> Address:
        if self._thread is not None:
            message = "this target runs already, or has run"
            raise K6Error(message, "make one for each `with` block")
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        listener.setblocking(False)
        self._thread = Background(lambda: self._serve(listener), "k6ws-target", daemon=True)
        self._thread.start()
        if not self._ready.wait(_PATIENCE_S):
            message = f"the thread of a target did not begin within {_PATIENCE_S:g} s"
            raise K6Error(message)
        if self._failure is not None:
            raise self._failure
        host, port = address
        slash = "/" if self._scheme == "ws" else ""
        return Address(f"{self._scheme}://{host}:{port}{slash}")

    def __exit__(self, kind: object = None, *_: object) -> None:
        if self._thread is not None:
            self._stop()
            self._thread.join(_PATIENCE_S)
            if self._thread.is_alive():
                message = f"a function of a target has not returned within {_PATIENCE_S:g} s"
                self._failed(K6Error(message, "let it return what is to be done: after(…) waits"))
        failure, self._failure = self._failure, None
        if failure is not None and kind is None:
            raise failure

    async def __aenter__(self) -> Address:
        return self.__enter__()

    async def __aexit__(self, kind: object, *_: object) -> None:
        await asyncio.to_thread(self.__exit__, kind)

    def _serve(self, listener: socket.socket) -> None:
        try:
            with listener:
                asyncio.run(self._accept(listener))
        except Exception as error:  # noqa: BLE001 - it is raised where the target is left
            self._failed(error)
        finally:
            self._ready.set()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()

        def stop() -> None:
            # A loop that has ended needs no stop.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(stopped.set)

        self._stop = stop
        serving: set[asyncio.Task[None]] = set()
        accepting = asyncio.create_task(self._accept_all(listener, serving))
        self._ready.set()
        await stopped.wait()
        tasks = {accepting, *serving}
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            # No more clients could be taken: too many open files, for one.
            if isinstance(outcome, Exception):
                self._failed(outcome)

    async def _accept_all(self, listener: socket.socket, serving: set[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listener)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.create_task(self._serve_one(sock))
            serving.add(task)
            task.add_done_callback(serving.discard)

    async def _serve_one(self, sock: socket.socket) -> None:
        number, self._connections = self._connections, self._connections + 1
        try:
            on_open = self._on_open
            action = checked(on_open(number)) if callable(on_open) else on_open
            await self._made(sock, self._answer, self._heard).serve(action)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error)
        finally:
            sock.close()

    def _heard(self, message: Any) -> None:
        with self._lock:
            self._count += 1
            self._bytes += len(message)
            if len(self._received) < _KEPT and self._bytes <= _KEPT_BYTES:
                self._received.append(message)

    def _failed(self, error: BaseException) -> None:
        self._failure = self._failure or error


def target(
    answer: Rules | Action | Callable[[Any], Action] = None,
    *,
    on_open: Opened = None,
    subprotocol: str | None = None,
) -> Target:
    """A WebSocket target that does what a test says.

    Args:
        answer: What is done with a message of a client. Rules: a dict from what is meant (a text, bytes,
            anything of ``k6ws.match``) to an action, or a list of such pairs; the first that matches counts,
            and nothing is done where none does. Or a function of the message, text or bytes, that returns an
            action; it runs on the target's thread. Or one action for every message.
        on_open: What is done when a client comes: pushes, ``refuse(…)``, ``hang()``; or a function of the
            number of the client, from 0, that returns it.
        subprotocol: The subprotocol that is chosen where a client offers it.

    Raises:
        TypeError: A target does not know how to do that.

    Example:
        >>> from k6ws import testing, ws
        >>> rules = {"hello": "hi", "slow": testing.after("10ms", "done"), "bye": testing.close(4000, "bye")}
        >>> with testing.target(rules) as url, ws.open(url) as session:
        ...     session.send("hello")
        ...     session.recv()
        'hi'
    """
    return Target(
        "ws",
        answering(answer),
        on_open,
        lambda sock, said, heard: WebSocketPeer(sock, said, heard, subprotocol),
    )


def tcp_target(
    answer: Rules | Action | Callable[[Any], Action] = None,
    *,
    on_open: Opened = None,
    framing: Framing | None = None,
) -> Target:
    r"""A TCP target that does what a test says.

    Args:
        answer: As for :func:`target`. Without a framing a message is what one read brings, bytes.
        on_open: As for :func:`target`; a handshake to refuse there is not.
        framing: How what clients say is cut into messages, and messages of the target are wrapped.

    Raises:
        TypeError: A target does not know how to do that.

    Example:
        >>> from k6ws import tcp, testing
        >>> from k6ws.framing import lines
        >>> with testing.tcp_target({"PING": "PONG"}, framing=lines()) as url:
        ...     with tcp.open(url.host, url.port, framing=lines()) as session:
        ...         session.send("PING")
        ...         session.recv()
        'PONG'
    """
    if isinstance(on_open, Refuse):
        message = "a TCP target has no handshake to refuse"
        raise TypeError(message)
    return Target(
        "tcp",
        answering(answer, is_tcp=True),
        on_open,
        lambda sock, said, heard: TcpPeer(sock, said, heard, framing),
    )
