"""What `k6ws.websockets` refuses, with the class and the text that k6 has."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.servers import ScriptedServer, WebsocketsServer, hang, read_to_end, upgrade


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "WebSocket requires a url"),
        ((None,), "WebSocket requires a url"),
        (("http://x/",), 'WebSocket requires url with scheme ws or wss, but got "http"'),
        (("",), 'WebSocket requires url with scheme ws or wss, but got ""'),
        (("ws://x/#frag",), 'WebSocket requires no url fragment, but got "frag"'),
        (("ws://x:port/",), 'WebSocket requires valid url, but got "ws://x:port/" which'),
        (("ws://x/", None, {"colour": 1}), "unknown WebSocket's option colour"),
        (("ws://x/", None, "ab"), "unknown WebSocket's option 0"),
        (
            ("ws://x/", None, {"tags": {"a": None}}),
            "invalid WebSocket tags option: invalid value for metric tag 'a': only String",
        ),
    ],
)
def test_the_constructor_refuses(arguments: Any, text: str) -> None:
    with pytest.raises(k6ws.K6Error) as caught:
        WebSocket(*arguments)
    assert str(caught.value).startswith(text)


@pytest.mark.parity("websocket-other-compression-is-refused")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        (" ", ""),
        ("gzip", "gzip"),
        ("deflate, gzip", "deflate, gzip"),
        ("deflate, deflate", "deflate, deflate"),
        ("deflate, ", "deflate,"),
    ],
)
def test_compression_is_deflate_or_nothing(value: Any, shown: str) -> None:
    text = f"unsupported compression algorithm '{shown}', supported algorithm is 'deflate'"
    with pytest.raises(k6ws.K6Error) as caught:
        WebSocket("ws://127.0.0.1:1/", None, {"compression": value})
    assert str(caught.value) == text


@pytest.mark.parity("websocket-deflate-is-offered")
@pytest.mark.parametrize("value", ["deflate", "deflate "])
def test_compression_by_deflate(server: WebsocketsServer, value: Any) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"), compression=value)
        socket.onopen = lambda: socket.close()

    run_once(default)


@pytest.mark.parity(
    "websocket-compressed-message-is-intact", "websocket-compression-may-be-declined"
)
@pytest.mark.parametrize("compressing", [True, False])
def test_compressed_messages_arrive_intact(*, compressing: bool) -> None:
    got: list[object] = []
    with WebsocketsServer(compression=compressing) as server:

        def default() -> None:
            socket = WebSocket(server.url("/ws-echo"), compression="deflate")
            socket.onopen = lambda: socket.send("test" * 20)
            socket.onmessage = lambda e: (got.extend([e.data, socket.extensions]), socket.close())

        run_once(default)
    offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    assert got == ["test" * 20, [offer] if compressing else []]


@pytest.mark.parity("websocket-binary-type-is-checked")
def test_binary_type_is_blob_or_arraybuffer(
    server: WebsocketsServer, caplog: pytest.LogCaptureFixture
) -> None:
    socket = WebSocket(server.url("/ws-echo"))
    assert socket.binary_type == "blob"
    text = 'unknown binaryType something, the supported ones are "blob" and "arraybuffer"'
    with pytest.raises(k6ws.K6Error, match=text):
        socket.binary_type = "something"  # type: ignore[assignment]
    assert (socket.binary_type, caplog.records) == ("blob", [])
    socket.close()
    assert k6ws.wait("5s")


@pytest.mark.parametrize(
    "name", ["url", "ready_state", "readyState", "buffered_amount", "protocol"]
)
def test_properties_are_read_only(server: WebsocketsServer, name: str) -> None:
    socket = WebSocket(server.url("/ws-echo"))
    with pytest.raises(AttributeError):
        setattr(socket, name, 1)
    socket.close()
    assert k6ws.wait("5s")


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (1, "int64"),
        (1.5, "float64"),
        (True, "bool"),
        (None, "<nil>"),
        ([1], "[]interface {}"),
        ({"a": 1}, "map[string]interface {}"),
    ],
)
def test_nothing_is_converted_by_send(server: WebsocketsServer, data: Any, shown: str) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))

        def opened() -> None:
            with pytest.raises(k6ws.K6Error) as caught:
                socket.send(data)
            assert str(caught.value) == f"unsupported send type {shown}"
            with pytest.raises(TypeError):
                socket.send()  # type: ignore[call-arg]
            socket.close()

        socket.onopen = opened

    run_once(default)
    assert server.journal.session().messages == []


def test_send_and_ping_need_an_open_socket(server: WebsocketsServer) -> None:
    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))

        def refused() -> None:
            for call in (lambda: socket.send("x"), socket.ping):
                with pytest.raises(k6ws.InvalidStateError, match="InvalidStateError"):
                    call()

        refused()
        socket.onopen = lambda: (socket.close(), refused())
        socket.onclose = refused

    run_once(default)


def test_a_socket_in_the_init_context_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws.websockets import WebSocket, Blob\n"
        "assert Blob(['works']).size == 5\n"
        "WebSocket('ws://127.0.0.1:1/')\n"
        "def default(): pass\n"
    )
    with pytest.raises(k6ws.K6Error, match="using websockets in the init context is not supported"):
        k6ws.run(script)


def test_a_header_that_is_ours_fails_the_connection(server: WebsocketsServer) -> None:
    errors: list[str] = []

    def default() -> None:
        headers: Any = {"headers": {"Sec-WebSocket-Protocol": "one"}}
        socket = WebSocket(server.url("/ws-echo"), ["two"], headers)
        socket.onerror = lambda event: errors.append(event.error)

    run_once(default)
    assert errors == ["websocket: duplicate header not allowed: Sec-Websocket-Protocol"]


def test_a_subprotocol_that_was_not_offered_fails_the_connection() -> None:
    errors: list[str] = []
    with ScriptedServer([upgrade("Sec-WebSocket-Protocol: surprise"), read_to_end]) as server:

        def default() -> None:
            socket = WebSocket(server.url())
            socket.onerror = lambda event: errors.append(event.error)

        run_once(default)
    assert errors == ["websocket: bad handshake"]


def test_more_than_max_buffered_waits_for_the_peer_in_bounds() -> None:
    """The peer reads nothing: `send` waits for `send_timeout`, then says so."""
    raised: list[k6ws.WSError] = []
    with ScriptedServer([upgrade(), hang]) as server:

        def default() -> None:
            params: Any = {"max_buffered": 100_000, "send_timeout": "100ms", "close_timeout": 50}
            socket = WebSocket(server.url(), None, params)

            def opened() -> None:
                def flood() -> None:
                    for _ in range(1000):
                        socket.send("x" * 50_000)

                # Whoever notices first: the sender, or the connection that makes no progress.
                with pytest.raises(k6ws.WSError) as caught:
                    flood()
                raised.append(caught.value)
                socket.close()

            socket.onopen = opened

        run_once(default)
    assert [error.cause for error in raised] == ["send_blocked"]


def test_a_flood_is_not_read_while_the_script_waits(server: WebsocketsServer) -> None:
    """Undelivered messages are bounded: a connection whose VU is busy is not read any more."""
    flood = b"".join(frames.text("x" * 1000) for _ in range(5000)) + frames.close(1000)
    got = 0
    with ScriptedServer([upgrade(then=flood), read_to_end]) as raw:

        def default() -> None:
            socket = WebSocket(raw.url())

            def message() -> None:
                nonlocal got
                got += 1

            socket.onmessage = message
            k6ws.sleep(0.3)
            assert got == 0

        result = run_once(default)
    assert got == 5000
    assert result.metrics["ws_paused"].count >= 1


def test_sockets_are_freed_without_the_garbage_collector(server: WebsocketsServer) -> None:
    alive: list[weakref.ref[WebSocket]] = []

    def default() -> None:
        socket = WebSocket(server.url("/ws-echo"))
        alive.append(weakref.ref(socket))
        socket.onopen = lambda event: event.target.send(b"x")
        socket.onmessage = lambda event: event.target.close()

    gc.collect()
    gc.disable()
    try:
        run_once(default, vus=2, iterations=10)
        assert [one for one in alive if one() is not None] == []
    finally:
        gc.enable()
