"""The scripts of docs/how-to/log-in-first.md log in to a service of aiohttp, as do the lines of its table."""

from __future__ import annotations

import base64
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

import k6ws
from k6ws import http, ws
from support.loop_server import LoopServer

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "log-in-first.md").read_text()
BLOCKS = re.findall(r"^## (.+?)$|^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LINES = re.findall(r"^\| ([^|]+) \| `(ws\.open\(.+?\))`", PAGE, re.MULTILINE)
WAYS = {
    "a header": "header",
    "Basic authentication, without a token": "basic",
    "the query, as clients in browsers must": "query",
    "a subprotocol": "subprotocol",
    "a cookie": "cookie",
    "the first message": "message",
}
TOKEN_IS_GOOD_FOR = 4
"""Messages of one connection, the log-in included, that `/first` takes."""


class Service(LoopServer):
    """Gives a token for a user, lets in who shows it, and says back what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)
        self.given: dict[str, str] = {}
        self.used: list[tuple[str, str]] = []
        """How a token was shown, and which, in order."""

    async def start(self) -> int:
        app = web.Application()
        app.add_routes(
            [
                web.post("/login", self._log_in),
                web.get("/socket", self._talk),
                web.get("/first", self._talk_until_it_expires),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    def token_for(self, user: str) -> str:
        """A new token of a user."""
        token = f"{user}.{next(self._numbers)}"
        self.given[token] = user
        return token

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            return web.Response(status=415)
        token = self.token_for((await request.json())["user"])
        answer = web.json_response({"token": token})
        answer.set_cookie("sid", token, httponly=True)
        answer.set_cookie("theme", "dark")
        return answer

    def _shown(self, request: web.Request) -> tuple[str, str]:
        """How a request shows its token, and the token."""
        kind, _, said = request.headers.get("Authorization", "").partition(" ")
        offered = request.headers.get("Sec-WebSocket-Protocol", "").replace(" ", "").split(",")
        protocol = next((one.removeprefix("token.") for one in offered if "token." in one), "")
        if kind == "Basic":
            user, _, password = base64.b64decode(said).decode().partition(":")
            return "basic", self.token_for(user) if password == "secret" else ""
        return next(
            (way, token)
            for way, token in (
                ("header", said),
                ("query", request.query.get("token", "")),
                ("subprotocol", protocol),
                ("cookie", request.cookies.get("sid", "")),
                ("nothing", "-"),
            )
            if token
        )

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        way, token = self._shown(request)
        if token not in self.given:
            return web.Response(status=401, text="no token")
        self.used.append((way, token))
        socket = web.WebSocketResponse(protocols=["chat"])
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.data == "leave":
                await socket.close()
            elif message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    async def _talk_until_it_expires(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        first: dict[str, Any] = await socket.receive_json()
        user = self.given.pop(first.get("token", ""), None)
        await socket.send_json({"id": first.get("id"), "ok": user is not None})
        if user is not None:
            self.used.append(("message", first["token"]))
            for _ in range(TOKEN_IS_GOOD_FOR - 1):
                message = await socket.receive()
                if message.type is not WSMsgType.TEXT:
                    return socket
                await socket.send_str(message.data)
        await socket.close(code=4401, message=b"the token has expired")
        return socket


def scripts() -> dict[str, list[str]]:
    """The scripts below each heading."""
    heading, found = "", dict[str, list[str]]()
    for title, block in BLOCKS:
        heading = title or heading
        if block:
            found.setdefault(heading, []).append(block)
    return found


def ran(script: str, service: Service, folder: Path) -> k6ws.Result:
    """What a script of the page comes to, with this service for its own."""
    file = folder / "script.py"
    file.write_text(script.replace("127.0.0.1:8765", f"127.0.0.1:{service.port}"))
    result = k6ws.run(file)
    assert (result.exceptions, result.exit_code) == ([], 0)
    return result


@pytest.mark.parametrize(
    ("heading", "number", "ways", "logins"),
    [
        ("In a coroutine", 0, ["header"] * 6, 6),
        ("In a plain VU", 0, ["header"] * 6, 6),
        ("Cookies", 0, ["cookie"] * 4, 4),
        ("Once for each VU, or once for all", 0, ["query"] * 2, 2),
        ("Once for each VU, or once for all", 1, ["header"] * 6, 3),
    ],
)
def test_a_script_logs_in(
    heading: str, number: int, ways: list[str], logins: int, tmp_path: Path
) -> None:
    with Service() as service:
        ran(scripts()[heading][number], service, tmp_path)
    assert [way for way, _ in service.used] == ways
    assert len(service.given) == logins


def test_a_token_that_expires_is_renewed(tmp_path: Path) -> None:
    with Service() as service:
        [script] = scripts()["When a token expires"]
        result = ran(script, service, tmp_path)
    tokens = [token for way, token in service.used if way == "message"]
    assert len(tokens) == len(set(tokens)) > 2
    assert result.metrics["ws_reconnects"].count >= len(tokens) - 2


def test_every_script_of_the_page_is_run_here() -> None:
    assert {heading: len(found) for heading, found in scripts().items()} == {
        "In a coroutine": 1,
        "In a plain VU": 1,
        "Cookies": 1,
        "Once for each VU, or once for all": 2,
        "When a token expires": 1,
    }
    assert [place for place, _ in LINES] == list(WAYS)


@pytest.mark.parametrize(("place", "line"), LINES, ids=[place for place, _ in LINES])
def test_a_token_is_taken_where_the_table_says(place: str, line: str) -> None:
    with Service() as service:
        token = service.token_for("ann")

        def say_token(session: ws.Session) -> None:
            session.request(f'{{"token": "{token}"}}', "log in", match={"/ok": True})

        url = service.url("/first" if place == "the first message" else "/socket")
        names = {"ws": ws, "url": url, "token": token, "say_token": say_token}
        with eval(line, names) as session:
            session.send("hello")
            assert session.recv() == "hello"
    [(way, _)] = service.used
    assert way == WAYS[place]


def test_a_token_in_the_query_is_in_no_tag() -> None:
    with Service() as service:
        token = service.token_for("ann")

        def default() -> None:
            with ws.open(f"{service.url('/socket')}?token={token}") as session:
                session.request("hello", "ask", match="hello")

        selected = f"ws_sessions{{url:{service.url('/socket')}}}"
        result = k6ws.run(default, thresholds={selected: ["count==1"]})
    assert (result.exceptions, result.exit_code) == ([], 0)


def test_the_jar_is_asked_at_each_attempt_to_come_back() -> None:
    jar = http.CookieJar()
    with Service() as service:

        def show(token: str) -> None:
            jar.set(service.http_url(), "sid", token)

        show(service.token_for("ann"))
        back = ws.Backoff("10ms", on=(1000,))
        with ws.open(service.url("/socket"), jar=jar, reconnect=back) as it:
            show(service.token_for("bob"))
            it.send("leave")
            # One that is written before the Close is read fails; the next one waits.
            answers = (it.request("hello", "ask", match="hello", default=None) for _ in range(2))
            assert any(answers)
    assert [(way, token.split(".")[0]) for way, token in service.used] == [
        ("cookie", "ann"),
        ("cookie", "bob"),
    ]


def test_a_refusal_says_what_the_service_said() -> None:
    with Service() as service, pytest.raises(k6ws.ConnectFailed) as caught:
        ws.open(service.url("/socket?token=stale"))
    assert (caught.value.status, caught.value.body) == (401, "no token")
