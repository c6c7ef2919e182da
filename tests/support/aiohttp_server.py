"""The echo server on `aiohttp`: the second, independent opinion on the protocol."""

from __future__ import annotations

import ssl

from aiohttp import WSMsgType, web

from support.endpoints import ENDPOINTS, upgrade_headers
from support.http_service import answer
from support.journal import Journal, Session
from support.loop_server import LoopServer


class AiohttpServer(LoopServer):
    """Same endpoints, same journal, no compression."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls=tls)
        self._open: list[web.Request] = []

    async def start(self) -> int:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        return self._runner.addresses[0][1]

    async def stop(self) -> None:
        for request in self._open:
            _abort(request)
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        endpoint = ENDPOINTS.get(request.path)
        if endpoint is None:
            self.journal.change(lambda: self.journal.refused.append(request.path_qs))
            plain = answer(request.path_qs)
            return web.Response(
                status=plain.status,
                body=plain.body,
                headers=plain.headers,
                reason=plain.status.phrase,
            )
        socket = web.WebSocketResponse(compress=False, max_msg_size=0, timeout=1)
        for name, value in upgrade_headers(request.path, request.headers.get("User-Agent")):
            socket.headers.add(name, value)
        await socket.prepare(request)
        names = {name.lower(): request.headers.getall(name) for name in request.headers}
        session = Session(request.path_qs, names)
        adapter = _Adapter(socket, request, self.journal, session)
        self._open.append(request)
        self.journal.change(lambda: self.journal.sessions.append(session))
        try:
            await endpoint(adapter)
        except ConnectionError:
            pass
        finally:
            self._open.remove(request)
            self.journal.change(adapter.end)
        return socket


class _Adapter:
    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.Request,
        journal: Journal,
        session: Session,
    ) -> None:
        self._socket, self._request = socket, request
        self._journal, self._session = journal, session
        self._close_code: int | None = None

    async def receive(self) -> str | bytes | None:
        message = await self._socket.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            if message.type is WSMsgType.CLOSE:
                self._close_code = message.data or 1005
            return None
        self._journal.change(lambda: self._session.messages.append(message.data))
        return message.data

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            await self._socket.send_str(message)
        else:
            await self._socket.send_bytes(message)

    async def ping(self) -> None:
        await self._socket.ping()

    async def close(self, code: int, reason: str) -> None:
        await self._socket.close(code=code, message=reason.encode())
        self._close_code = self._socket.close_code

    def drop(self) -> None:
        _abort(self._request)

    def end(self) -> None:
        code = self._close_code
        self._session.close_code = None if code == 1006 else code
        self._session.ended = True


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
