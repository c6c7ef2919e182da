"""A server on an asyncio loop of its own, in a thread of its own.

Entering the context returns when the port is bound, leaving it returns when every socket is closed
and the thread is gone, so that a test may count file descriptors right after.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from support.journal import PATIENCE_S, Journal


class LoopServer(ABC):
    """Life cycle and addresses; what is served is the subclass's affair."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.port = 0
        self.journal = Journal()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=type(self).__name__)

    def url(self, path: str) -> str:
        """The WebSocket URL of a path."""
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.port}{path}"

    def http_url(self, path: str = "/") -> str:
        """The same place as a cookie jar sees it."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self.start(), self._loop).result(PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(PATIENCE_S)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE_S)
            self._loop.close()

    async def _finish(self) -> None:
        await self.stop()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @abstractmethod
    async def start(self) -> int:
        """Listen on a free loopback port and return it."""

    @abstractmethod
    async def stop(self) -> None:
        """Close the listening socket and every connection."""
