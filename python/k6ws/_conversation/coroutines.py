"""``request`` and ``request_all`` for coroutines: as ``blocking``, awaited."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from k6ws._conversation import requests as _requests
from k6ws._conversation.asked import Asked, Check
from k6ws._conversation.begun import Begun
from k6ws._conversation.durations import UNSET, Timeout
from k6ws._conversation.greeting import Greeting
from k6ws._conversation.inbox import Message
from k6ws._conversation.matching import Match
from k6ws._conversation.reply import Reply
from k6ws._params import part_of
from k6ws._socket.send_room import FULL
from k6ws.errors import RequestFailed


@part_of("AsyncSession")
class AsyncRequests:
    """What is mixed into a session that coroutines speak on."""

    __slots__ = ()

    _source: Any

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
    ) -> Begun[Any]:
        """Send a request; awaiting it gives its reply: see :meth:`Session.request`. It begins at the call."""
        asked = Asked(timeout, match, key, done, many, check, default)
        source = self._source
        source.vu.check_alive()
        if message is None:
            return Begun(lambda: self._greeted(name, asked), lambda: False)
        waits = source.awaits_room
        reply, data, status = _requests.begin(source, message, name, asked, waits=waits)
        if status == FULL:
            self._send_when_room(reply, data)
        return Begun(reply.arrival, lambda: reply.done)

    async def request_all(self, requests: Iterable[Any], **keywords: Any) -> list[Any]:
        """Send several requests at once and wait for all: see :meth:`Session.request_all`."""
        source = self._source
        source.vu.check_alive()
        made = [
            _requests.start(source, message, name, asked, waits=source.awaits_room)
            for message, name, asked in _requests.items_of(requests, keywords)
        ]
        for reply in made:
            await reply.ended()
        return _requests.collected(made, Reply.outcome)

    async def _greeted(self, name: str, asked: Asked) -> Any:
        try:
            with Greeting(self._source, name, asked) as greeting:
                message = await self._receive(asked.match, greeting.left(), "request()")
                while not greeting.take(message):
                    message = await self._receive(asked.match, greeting.left(), "request()")
                return greeting.reply()
        except RequestFailed:
            if asked.default is UNSET:
                raise
            return asked.default

    async def _receive(
        self,
        match: Match | None,
        timeout: Timeout,  # noqa: ASYNC109 - as of recv
        call: str,
    ) -> Message:
        raise NotImplementedError

    def _send_when_room(self, reply: Reply, data: str | bytes) -> None:
        raise NotImplementedError
