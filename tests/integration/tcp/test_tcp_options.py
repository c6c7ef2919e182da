"""Options of a TCP socket's calls that do not exist, or stand where nobody looks: each is an error."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws.tcp import Socket
from support.runs import run_once
from support.tcp_server import TcpServer

HOST = "127.0.0.1"


@pytest.mark.parametrize("data", [b"x", "x"])
@pytest.mark.parametrize(
    ("options", "hint"), [({"encodin": "hex"}, "encoding"), ({"tag": {}}, "tags")], ids=str
)
def test_a_write_refuses_what_it_does_not_have(data: Any, options: Any, hint: str) -> None:
    def default() -> None:
        socket = Socket()
        socket.connect(server.port, HOST).wait()
        either: list[Any] = [{}, options]
        for keywords in either:
            with pytest.raises(k6ws.UnknownOption, match=r"unknown socket\.write option") as caught:
                socket.write(data, None if keywords else options, **keywords)
            assert caught.value.hint == f"did you mean '{hint}'?"
        socket.write(b"that is all", tags={"kind": "last"}).wait()
        socket.destroy()

    with TcpServer() as server:
        result = run_once(default)
        server.wait_ended()
    assert bytes(server.received[0]) == b"that is all"
    assert result.metrics["tcp_writes"].count == 1


def test_a_host_beside_options_is_refused_and_nothing_is_dialled() -> None:
    socket = Socket()
    with pytest.raises(TypeError, match="got host 'there' beside its options: name it in them"):
        socket.connect({"port": 80}, "there")
    assert socket.ready_state == "disconnected"
    socket.destroy()
    assert k6ws.wait("5s")
