"""Subprotocols as a parameter of every API that opens a WebSocket, and `None` for each parameter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws._params import TCP, WEBSOCKET, camel
from k6ws.websockets import WebSocket
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

PATIENCE_S = 10
HEADER = "Sec-WebSocket-Protocol"
NO_URL = "ws://127.0.0.1:1/"


def connect(url: str, **params: Any) -> str:
    response = ws.connect(url, lambda socket: socket.on("open", socket.close), **params)
    return response.headers.get(HEADER, "") if response.status == 101 else response.error


def aconnect(url: str, **params: Any) -> str:
    async def main() -> ws.Response:
        return await ws.aconnect(url, lambda socket: socket.on("open", socket.close), **params)

    response = asyncio.run(main())
    return response.headers.get(HEADER, "") if response.status == 101 else response.error


def websocket(url: str, **params: Any) -> str:
    socket, chosen = WebSocket(url, **params), list[str]()
    socket.onopen = lambda: (chosen.append(socket.protocol), socket.close())
    socket.onerror = lambda event: chosen.append(event.error)
    assert k6ws.wait(PATIENCE_S * 1000)
    return chosen[0]


OPENED_BY = pytest.mark.parametrize("open_by", [connect, aconnect, websocket])


@pytest.fixture
def chat() -> Iterator[WebsocketsServer]:
    with WebsocketsServer(subprotocols=["chat.v2"]) as server:
        yield server


@OPENED_BY
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (["chat.v1", "chat.v2"], "chat.v1, chat.v2"),
        (("chat.v2",), "chat.v2"),
        ("chat.v2", "chat.v2"),
    ],
)
def test_subprotocols_are_offered(
    chat: WebsocketsServer, open_by: Callable[..., str], given: Any, sent: str
) -> None:
    assert open_by(chat.url("/ws-echo"), subprotocols=given) == "chat.v2"
    assert chat.journal.session().header(HEADER) == sent


@OPENED_BY
@pytest.mark.parametrize("given", [None, [], ()])
def test_no_subprotocols_are_no_header(
    server: WebsocketsServer, open_by: Callable[..., str], given: Any
) -> None:
    assert open_by(server.url("/ws-echo"), subprotocols=given) == ""
    assert HEADER not in server.journal.session().headers


@OPENED_BY
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([""], "invalid subprotocol ''"),
        ("a, b", "invalid subprotocol 'a, b'"),
        (["é"], "invalid subprotocol 'é'"),
        (["a", "b", "a"], "the subprotocol 'a' is offered twice"),
    ],
)
def test_a_subprotocol_that_is_none_is_refused(
    open_by: Callable[..., str], given: Any, text: str
) -> None:
    with pytest.raises(k6ws.InvalidParameter) as caught:
        open_by(NO_URL, subprotocols=given)
    assert str(caught.value) == text


@OPENED_BY
@pytest.mark.parametrize("given", [7, ["a", b"b"], {"a": 1}])
def test_subprotocols_are_names(open_by: Callable[..., str], given: Any) -> None:
    with pytest.raises(TypeError, match="subprotocols is a list of names"):
        open_by(NO_URL, subprotocols=given)


@OPENED_BY
@pytest.mark.parametrize("name", [HEADER, HEADER.lower()])
def test_subprotocols_and_their_header_are_one_too_many(
    open_by: Callable[..., str], name: str
) -> None:
    with pytest.raises(k6ws.InvalidParameter) as caught:
        open_by(NO_URL, subprotocols=["a"], headers={name: "b"})
    assert str(caught.value) == f"subprotocols and the header {HEADER} are both given"


def test_a_constructor_takes_its_subprotocols_once() -> None:
    with pytest.raises(TypeError, match="got its subprotocols twice"):
        WebSocket(NO_URL, "a", subprotocols=["b"])


@OPENED_BY
@pytest.mark.parametrize("name", ["subprotocol", "subProtocols", "protocol"])
def test_the_hint_for_a_near_name_names_the_header(open_by: Callable[..., str], name: str) -> None:
    with pytest.raises(k6ws.UnknownOption) as caught:
        open_by(NO_URL, **{name: ["mqtt"]})
    assert caught.value.hint == f"did you mean 'subprotocols'? It is the header {HEADER}"


@pytest.mark.parametrize("open_by", [connect, aconnect])
def test_what_browsers_call_protocols_is_named_as_well(open_by: Callable[..., str]) -> None:
    with pytest.raises(k6ws.UnknownOption) as caught:
        open_by(NO_URL, protocols=["mqtt"])
    assert caught.value.hint == f"did you mean 'subprotocols'? It is the header {HEADER}"


@OPENED_BY
def test_none_is_the_default_of_every_parameter(
    server: WebsocketsServer, open_by: Callable[..., str]
) -> None:
    assert open_by(server.url("/ws-echo"), **dict.fromkeys(WEBSOCKET)) == ""
    assert open_by(server.url("/ws-echo"), **dict.fromkeys(map(camel, WEBSOCKET))) == ""
    nothing = dict.fromkeys(("algorithm", "level", "threshold", "server_max_window_bits"))
    assert open_by(server.url("/ws-echo"), compression=nothing) == ""


def test_none_is_the_default_of_every_option_of_tcp() -> None:
    with TcpServer() as server:
        nothing: dict[str, Any] = dict.fromkeys(TCP)
        socket = tcp.Socket(**nothing)
        socket.connect(server.port, "127.0.0.1", **nothing).wait()
        socket.destroy()
        assert k6ws.wait(PATIENCE_S * 1000)


def test_an_option_of_tcp_in_both_spellings_is_refused() -> None:
    with pytest.raises(TypeError, match="option 'no_delay' is given in both spellings"):
        tcp.Socket(no_delay=True, noDelay=False)
    with pytest.raises(TypeError, match="got timeout twice"):
        tcp.Socket().connect({"port": 1, "timeout": 5}, timeout=6)
