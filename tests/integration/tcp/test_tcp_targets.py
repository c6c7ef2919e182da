"""Whom a TCP socket is to connect to, and what is said where that is nobody."""

from __future__ import annotations

import pytest

import k6ws
from k6ws import tcp
from k6ws.tcp import Socket, TCPError
from support.runs import run_once


@pytest.mark.parametrize(
    ("host", "port", "apart"),
    [
        ("tcp://a.test:9000", 0, "'a.test', 9000"),
        ("tcp://a.test", 9000, "'a.test', 9000"),
        ("a.test:9000", 0, "'a.test', 9000"),
        ("ws://[::1]:80/path", 0, "'::1', 80"),
    ],
)
def test_a_url_in_place_of_a_host_is_told_apart(host: str, port: int, apart: str) -> None:
    def default() -> None:
        hint = f"give host and port apart: {apart}"
        with pytest.raises(TCPError, match="no such host") as error:
            Socket().connect(port, host).wait()
        assert error.value.hint == hint
        with pytest.raises(k6ws.ConnectFailed, match="no such host") as failed:
            tcp.open(host, port)
        assert failed.value.hint == hint

    run_once(default)
