"""One test body for sessions in every place: written with ``await``, run in blocking code as well.

A body is a coroutine function that is given ``open``, which makes a session. Where code blocks, each of its
awaits has ended by the time that it is reached, so that the body runs through without an event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeAlias

import k6ws
from k6ws import framing, tcp, ws
from k6ws._conversation.reply import Reply
from support.loop_server import LoopServer
from support.runs import run_once
from support.service import TcpService, WebSocketService

Open: TypeAlias = Callable[..., AbstractAsyncContextManager[Any]]
Where: TypeAlias = LoopServer | str | tuple[str, int]
"""A service, a URL, or a host and a port."""
Body: TypeAlias = Callable[[Open], Coroutine[Any, Any, None]]

PLACES = ("program", "vu", "asyncio", "async vu")
TRANSPORTS = ("ws", "tcp")
_AWAITED = {"send", "recv", "expect", "request", "request_all", "close"}


class _Blocking:
    """A session of blocking code, whose methods can be awaited: they have ended by then."""

    def __init__(self, session: Any) -> None:
        self.blocking = session

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.blocking, name)
        if name not in _AWAITED:
            return method

        async def call(*arguments: Any, **keywords: Any) -> Any:
            return method(*arguments, **keywords)

        return call

    async def __aenter__(self) -> Self:
        self.blocking.__enter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.blocking.__exit__(kind, error, trace)


async def outcome(reply: Reply) -> Any:
    """What became of a request that was started, wherever this runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return reply.wait()
    return await reply


def opener(where: Where, *, is_async: bool) -> Open:
    """What opens a session there."""
    if isinstance(where, LoopServer):
        where = ("127.0.0.1", where.port) if isinstance(where, TcpService) else where.url("/")
    module: Any = ws if isinstance(where, str) else tcp
    make = module.aopen if is_async else module.open
    place = (where,) if isinstance(where, str) else where

    def open(**params: Any) -> Any:  # noqa: A001 - what scripts call it
        session = make(*place, **params)
        return session if is_async else _Blocking(session)

    return open


def _through(body: Coroutine[Any, Any, None]) -> None:
    try:
        body.send(None)
    except StopIteration:
        return
    body.close()
    raise AssertionError("something was awaited that does not block")


def speak(place: str, where: Where, body: Body, **options: Any) -> k6ws.Result | None:
    """Run a body in one of `PLACES`; the result of the run, where it is one."""
    open = opener(where, is_async=place.startswith("async"))  # noqa: A001
    if place == "program":
        _through(body(open))
    elif place == "vu":
        return run_once(lambda: _through(body(open)), **options)
    elif place == "asyncio":
        asyncio.run(body(open))
    else:

        async def default() -> None:
            await body(open)

        return run_once(default, **options)
    return None


def service(transport: str) -> LoopServer:
    """The service over `ws` or `tcp`."""
    return WebSocketService() if transport == "ws" else TcpService()


def params(transport: str, **others: Any) -> dict[str, Any]:
    """How a session speaks with it."""
    return {**({"framing": framing.lines()} if transport == "tcp" else {}), **others}
