"""One client of a target: what it says is heard, what the target does is done, until either side ends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, cast

from k6ws._core import Framing
from k6ws.testing import wire
from k6ws.testing.actions import Action, After, Answer, Close, Every, Hang, Refuse, Reset

_PIECE = 64 * 1024
_GOODBYE_S = 1.0
_MOST_PENDING = 1_000


class _Over(Exception):  # noqa: N818 - the ordinary end
    """The connection is over."""


class Peer(ABC):
    """What both kinds of targets do."""

    def __init__(self, sock: socket.socket, answer: Answer, heard: Callable[[Any], None]) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._answer = answer
        self._heard = heard
        self._speaking = asyncio.Lock()
        self._pending: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._failure: BaseException | None = None
        self._is_silent = False

    async def serve(self, on_open: Action) -> None:
        """Serve it to the end.

        Raises:
            BaseException: What the function of a test raised, or the client did that it may not.
        """
        reading = asyncio.create_task(self._converse(on_open))
        ended = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left: set[asyncio.Task[Any]] = {reading, ended, *self._pending}
            for task in left:
                task.cancel()
            outcomes = await asyncio.gather(*left, return_exceptions=True)
            self._sock.close()
        if self._failure is not None:
            raise self._failure
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError | _Over):
                raise outcome

    async def _converse(self, on_open: Action) -> None:
        with contextlib.suppress(OSError, _Over):
            await self._open(on_open)
            while data := await self._loop.sock_recv(self._sock, _PIECE):
                await self._take(data)
                if self._is_silent:
                    await asyncio.Event().wait()

    @abstractmethod
    async def _open(self, on_open: Action) -> None:
        """What is before the first message."""

    @abstractmethod
    async def _take(self, data: bytes) -> None:
        """Bytes came."""

    @abstractmethod
    def _encoded(self, message: str | bytes) -> bytes:
        """A message of ours, as it travels."""

    @abstractmethod
    async def _goodbye(self, close: Close) -> None:
        """End it in order."""

    async def _hear(self, message: str | bytes) -> None:
        """A message came: what is answered to it is done beside what is under way already.

        Where that is much, the client is not read until there is less.
        """
        self._heard(message)
        while len(self._pending) >= _MOST_PENDING:
            await asyncio.wait(self._pending, return_when=asyncio.FIRST_COMPLETED)
        self._begin(self._answer(message))

    def _begin(self, action: Action) -> None:
        if action is None or self._is_silent:
            return
        self._is_silent = isinstance(action, Hang)
        task = asyncio.create_task(self._do(action))
        self._pending.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._pending.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            if not isinstance(error, OSError | _Over):
                self._failure = self._failure or error
            self._over.set()

    async def _do(self, action: Action) -> None:
        match action:
            case None:
                pass
            case str() | bytes():
                await self._send(self._encoded(action))
            case After():
                await asyncio.sleep(action.ms / 1000)
                await self._do(action.action)
            case Every():
                await self._repeat(action)
            case Close():
                await self._goodbye(action)
            case Reset():
                linger = struct.pack("ii", 1, 0)
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                raise _Over
            case Hang():
                self._is_silent = True
                await asyncio.Event().wait()
            case Refuse():
                message = "a target can refuse as `on_open` of a WebSocket only: it has been opened"
                raise TypeError(message)
            case _:
                for one in cast("Sequence[Action]", action):
                    await self._do(one)

    async def _repeat(self, every: Every) -> None:
        begun, done = self._loop.time(), 0
        while every.times is None or done < every.times:
            done += 1
            # From the begin, so that it does not fall behind by what each one takes.
            await asyncio.sleep(max(begun + done * every.ms / 1000 - self._loop.time(), 0))
            await self._do(every.action)

    async def _send(self, data: bytes) -> None:
        async with self._speaking:
            await self._loop.sock_sendall(self._sock, data)


class TcpPeer(Peer):
    """A client of a TCP target: a message is what one read brings, or what a framing cuts."""

    def __init__(
        self,
        sock: socket.socket,
        answer: Answer,
        heard: Callable[[Any], None],
        framing: Framing | None,
    ) -> None:
        super().__init__(sock, answer, heard)
        self._framing = framing
        self._framer = None if framing is None else framing.framer()

    async def _open(self, on_open: Action) -> None:
        if isinstance(on_open, Hang):
            await self._do(on_open)
        self._begin(on_open)

    async def _take(self, data: bytes) -> None:
        for message in [data] if self._framer is None else self._framer.feed(data):
            await self._hear(message)

    def _encoded(self, message: str | bytes) -> bytes:
        if self._framing is not None:
            return self._framing.wrap(message)
        return message.encode() if isinstance(message, str) else message

    async def _goodbye(self, close: Close) -> None:
        del close
        async with self._speaking:
            self._sock.shutdown(socket.SHUT_WR)
        # What the client still says is read, so that our last words are not lost to a reset.
        await asyncio.sleep(_GOODBYE_S)
        raise _Over


class WebSocketPeer(Peer):
    """A client of a WebSocket target."""

    def __init__(
        self,
        sock: socket.socket,
        answer: Answer,
        heard: Callable[[Any], None],
        subprotocol: str | None,
    ) -> None:
        super().__init__(sock, answer, heard)
        self._subprotocol = subprotocol
        self._frames = wire.Frames()
        self._is_closing = False

    async def _open(self, on_open: Action) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = await self._loop.sock_recv(self._sock, _PIECE)
            head += data
            if not data or len(head) > wire.MAX_HEAD:
                raise _Over
        if isinstance(on_open, Refuse):
            await self._send(wire.refusal(on_open.status, on_open.body, on_open.headers))
            self._sock.shutdown(socket.SHUT_WR)
            return
        if isinstance(on_open, Hang):
            await self._do(on_open)
        head, _, rest = head.partition(b"\r\n\r\n")
        await self._send(wire.acceptance(head, self._subprotocol))
        self._begin(on_open)
        await self._take(rest)

    async def _take(self, data: bytes) -> None:
        try:
            for opcode, payload in self._frames.feed(data):
                await self._take_frame(opcode, payload)
        except wire.ProtocolError as error:
            await self._send(wire.close_frame(error.code))
            raise

    async def _take_frame(self, opcode: int, payload: bytes) -> None:
        if opcode == wire.TEXT:
            await self._hear(payload.decode("utf-8", "surrogateescape"))
        elif opcode == wire.BINARY:
            await self._hear(payload)
        elif opcode == wire.PING:
            await self._send(wire.frame(wire.PONG, payload))
        elif opcode == wire.CLOSE:
            if not self._is_closing:
                await self._send(wire.frame(wire.CLOSE, payload))
            raise _Over

    def _encoded(self, message: str | bytes) -> bytes:
        if isinstance(message, str):
            return wire.frame(wire.TEXT, message.encode("utf-8", "surrogateescape"))
        return wire.frame(wire.BINARY, message)

    async def _goodbye(self, close: Close) -> None:
        self._is_closing = True
        await self._send(wire.close_frame(close.code, close.reason))
        # The client's own Close ends it, or it has had time enough.
        await asyncio.sleep(_GOODBYE_S)
        raise _Over
