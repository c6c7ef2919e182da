"""permessage-deflate: how it is asked for, and that messages survive it."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws import K6Error, ws
from support.runs import assert_session_metrics, session_in_run
from support.servers import WebsocketsServer

OFFER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.mark.parity("ws-compressed-message-is-intact")
def test_compressed_messages_arrive_intact() -> None:
    text = "compressible " * 100
    received: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send(text))
        socket.on("message", received.append)

    with WebsocketsServer(compression=True) as server:
        url = server.url("/ws-close-invalid")
        response, result = session_in_run(url, session, {"compression": "deflate"})
        seen = server.journal.session()
    assert seen.header("Sec-WebSocket-Extensions") == OFFER
    assert seen.messages == received == [text]
    agreed = {part.strip() for part in response.headers["Sec-Websocket-Extensions"].split(";")}
    assert agreed == set(OFFER.split("; "))
    assert_session_metrics(result, url)


@pytest.mark.parametrize(
    ("compression", "offer"),
    [
        pytest.param("", None, marks=pytest.mark.parity("ws-empty-compression-is-none")),
        pytest.param("  ", None, marks=pytest.mark.parity("ws-empty-compression-is-none")),
        pytest.param("deflate", OFFER, marks=[pytest.mark.parity("ws-deflate-is-offered")]),
        pytest.param("deflate ", OFFER, marks=[pytest.mark.parity("ws-deflate-is-offered")]),
    ],
)
def test_compression_is_offered_only_when_asked_for(compression: str, offer: str | None) -> None:
    received: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("text"))
        socket.on("message", lambda message: (received.append(message), socket.close()))

    with WebsocketsServer(compression=True) as server:
        url = server.url("/ws-echo")
        response, _ = session_in_run(url, session, {"compression": compression})
        assert server.journal.session().header("Sec-WebSocket-Extensions") == offer
    assert (response.status, received) == (101, ["text"])


@pytest.mark.parametrize(
    ("compression", "named"),
    [
        pytest.param("gzip", "gzip", marks=pytest.mark.parity("ws-other-compression-is-refused")),
        pytest.param(
            "deflate, gzip",
            "deflate, gzip",
            marks=pytest.mark.parity("ws-other-compression-is-refused"),
        ),
        pytest.param(
            "deflate, deflate",
            "deflate, deflate",
            marks=pytest.mark.parity("ws-other-compression-is-refused"),
        ),
        pytest.param(
            "deflate, ", "deflate,", marks=pytest.mark.parity("ws-other-compression-is-refused")
        ),
        ("DEFLATE", "DEFLATE"),
    ],
)
def test_another_algorithm_is_refused_by_name(
    server: WebsocketsServer, compression: Any, named: str
) -> None:
    with pytest.raises(K6Error) as caught:
        ws.connect(
            server.url("/ws-echo"), {"compression": compression}, lambda socket: socket.close()
        )
    text = f"unsupported compression algorithm '{named}', supported algorithm is 'deflate'"
    assert str(caught.value).startswith(text)
    assert server.journal.sessions == []
