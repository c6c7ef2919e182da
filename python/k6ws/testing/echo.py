"""The built-in target, in this process: what ``k6ws echo`` serves."""

from __future__ import annotations

import asyncio
from typing import Literal

from k6ws import _core
from k6ws.errors import K6Error
from k6ws.testing.address import Address


class Echo:
    """The built-in target for the length of a ``with`` or ``async with`` block, which gives its URL."""

    def __init__(self, service: Literal["echo", "chat", "tcp"] = "echo") -> None:
        """Made by :func:`echo`."""
        self._service = service
        self._server: _core.EchoServer | None = None
        self._counts: dict[str, int] = {}

    @property
    def counts(self) -> dict[str, int]:
        """What it has counted so far: connections, messages and bytes, both ways."""
        return self._counts if self._server is None else self._server.counts()

    def __enter__(self) -> Address:
        if self._server is not None:
            message = "this target runs already"
            raise K6Error(message, "make one for each `with` block")
        self._server = _core.EchoServer(service=self._service)
        return Address(self._server.url())

    def __exit__(self, *_: object) -> None:
        server, self._server = self._server, None
        if server is not None:
            self._counts = server.stop()

    async def __aenter__(self) -> Address:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        # It waits for peers to say goodbye, and those may be on this loop.
        await asyncio.to_thread(self.__exit__)


def echo(service: Literal["echo", "chat", "tcp"] = "echo") -> Echo:
    """The target of ``k6ws echo``, in this process, on a port of its own.

    Args:
        service: ``echo`` sends every WebSocket message back, ``tcp`` every byte, ``chat`` is a chat room.

    Raises:
        ValueError: There is no such service.

    Example:
        >>> from k6ws import testing, ws
        >>> with testing.echo() as url, ws.open(url) as session:
        ...     session.send("hello")
        ...     session.recv()
        'hello'
    """
    return Echo(service)
