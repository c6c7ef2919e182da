"""The echo server on the `websockets` library."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from support.endpoints import ENDPOINTS, upgrade_headers
from support.http_service import answer
from support.journal import Journal, Session
from support.loop_server import LoopServer


class WebsocketsServer(LoopServer):
    """`compression=True` accepts permessage-deflate without context takeover, a factory what it says."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        compression: bool | ServerPerMessageDeflateFactory = False,
        subprotocols: Sequence[str] = (),
    ) -> None:
        super().__init__(tls=tls)
        self._compression = compression
        self._subprotocols = [Subprotocol(name) for name in subprotocols]
        self._open: set[ServerConnection] = set()

    async def start(self) -> int:
        deflate = self._compression
        if isinstance(deflate, bool):
            deflate = ServerPerMessageDeflateFactory(
                server_no_context_takeover=True, client_no_context_takeover=True
            )
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            ssl=self.tls,
            subprotocols=self._subprotocols or None,
            extensions=[deflate] if self._compression else None,
            compression=None,
            process_request=_refuse_unknown_paths(self.journal),
            process_response=_add_headers,
            ping_interval=None,
            close_timeout=1,
            max_size=None,
        )
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        for connection in self._open:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = urlsplit(connection.request.path).path
        session = Session(connection.request.path, _by_name(connection.request.headers.raw_items()))
        self._open.add(connection)
        self.journal.change(lambda: self.journal.sessions.append(session))
        try:
            await ENDPOINTS[path](_Adapter(connection, self.journal, session))
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            self._open.discard(connection)
            received = connection.protocol.close_rcvd
            self.journal.change(lambda: _end(session, received and received.code))


class _Adapter:
    def __init__(self, connection: ServerConnection, journal: Journal, session: Session) -> None:
        self._connection, self._journal, self._session = connection, journal, session

    async def receive(self) -> str | bytes | None:
        try:
            message = await self._connection.recv()
        except ConnectionClosed:
            return None
        self._journal.change(lambda: self._session.messages.append(message))
        return message

    async def send(self, message: str | bytes) -> None:
        await self._connection.send(message)

    async def ping(self) -> None:
        await self._connection.ping()

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, reason)

    def drop(self) -> None:
        self._connection.transport.abort()


def _end(session: Session, close_code: int | None) -> None:
    session.close_code, session.ended = close_code, True


def _by_name(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for name, value in items:
        named.setdefault(name.lower(), []).append(value)
    return named


def _refuse_unknown_paths(journal: Journal):
    def process(_: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path in ENDPOINTS:
            return None
        journal.change(lambda: journal.refused.append(request.path))
        plain = answer(request.path)
        headers = Headers([*plain.headers, ("Content-Length", str(len(plain.body)))])
        headers["Connection"] = "close"
        return Response(plain.status, plain.status.phrase, headers, plain.body)

    return process


def _add_headers(_: ServerConnection, request: Request, response: Response) -> Response:
    if response.status_code == 101:
        path = urlsplit(request.path).path
        for name, value in upgrade_headers(path, request.headers.get("User-Agent")):
            response.headers[name] = value
    return response
