"""`k6ws.experimental`: k6's old names, and the WebSocket of v0.41, which knows no Blob."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest

import k6ws
from k6ws import websockets
from support.runs import run_once
from support.servers import EchoServer, WebsocketsServer

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from k6ws.experimental import websockets as experimental


def test_the_old_names_work_and_say_where_they_went() -> None:
    program = (
        "import warnings; warnings.simplefilter('always')\n"
        "from k6ws.experimental import timers, websockets\n"
        "import k6ws.experimental.timers\n"
        "from k6ws import timers as new, websockets as now\n"
        "assert timers.setTimeout is new.setTimeout\n"
        "assert issubclass(websockets.WebSocket, now.WebSocket)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    warned = [line for line in ran.stderr.splitlines() if "DeprecationWarning" in line]
    assert warned == [
        (
            "<string>:2: DeprecationWarning: k6ws.experimental.timers is now k6ws.timers: "
            "change the import"
        ),
        (
            "<string>:2: DeprecationWarning: k6ws.experimental.websockets is now k6ws.websockets: "
            "change the import"
        ),
    ]


def test_all_of_the_new_names_are_there_but_blob() -> None:
    assert set(websockets.__all__) - set(experimental.__all__) == {"Blob"}
    assert not hasattr(experimental, "Blob")
    assert [one for one in experimental.__all__ if not hasattr(experimental, one)] == []


def test_binary_messages_are_bytes(any_server: EchoServer) -> None:
    got: list[Any] = []

    def default() -> None:
        socket = experimental.WebSocket(any_server.url("/ws-echo-multi"))
        assert (socket.binary_type, socket.binaryType) == ("arraybuffer", "arraybuffer")
        socket.onopen = lambda: [socket.send(data) for data in (b"one", b"two", "text")]
        socket.onmessage = lambda event: (
            got.append(event.data),
            socket.close() if event.data == "text" else None,
        )

    run_once(default)
    assert got == [b"one", b"two", "text"]


@pytest.mark.parametrize("name", ["binary_type", "binaryType"])
@pytest.mark.parametrize("value", ["blob", "arraybuffer", None])
def test_binary_type_cannot_be_set_and_says_where_it_can(
    server: WebsocketsServer, name: str, value: object
) -> None:
    refused: list[k6ws.K6Error] = []
    got: list[Any] = []

    def default() -> None:
        socket = experimental.WebSocket(server.url("/ws-echo"))
        with pytest.raises(k6ws.K6Error) as raised:
            setattr(socket, name, value)
        refused.append(raised.value)
        assert socket.binary_type == "arraybuffer"
        socket.onopen = lambda: socket.send(b"\x01")
        socket.onmessage = lambda event: (got.append(event.data), socket.close())

    run_once(default)
    [error] = refused
    assert str(error) == (
        "binaryType cannot be set: k6ws.experimental.websockets has no Blob, k6ws.websockets has"
    )
    assert error.hint == "binary messages arrive as bytes; import k6ws.websockets to choose"
    assert got == [b"\x01"], "the socket goes on as it was"
