"""The names of connection parameters: what one API refuses, every API refuses, each in its own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws._params import TCP, WEBSOCKET, camel
from k6ws.websockets import WebSocket

NO_URL = "ws://127.0.0.1:1/"


def connect(given: Any, **keywords: Any) -> None:
    ws.connect(NO_URL, given, lambda socket: socket.close(), **keywords)


def websocket(given: Any, **keywords: Any) -> None:
    WebSocket(NO_URL, None, given, **keywords)


def socket_options(given: Any, **keywords: Any) -> None:
    tcp.Socket(given, **keywords)


def connect_options(given: Any, **keywords: Any) -> None:
    target: Any = {"port": 1, **given}
    tcp.Socket().connect(target, **keywords)


Call = Callable[..., None]
TAKEN = {connect: WEBSOCKET, websocket: WEBSOCKET, socket_options: TCP, connect_options: TCP}
CALLS = pytest.mark.parametrize("call", TAKEN)


@CALLS
@pytest.mark.parametrize("mixed", [False, True])
def test_a_name_in_both_spellings_is_refused(call: Call, *, mixed: bool) -> None:
    kind = "connection parameter" if TAKEN[call] is WEBSOCKET else "option"
    for name in TAKEN[call]:
        if camel(name) == name:
            continue
        given, keywords = {name: None}, {camel(name): None}
        with pytest.raises(TypeError) as caught:
            call(given, **keywords) if mixed else call({**given, **keywords})
        assert str(caught.value) == f"{kind} {name!r} is given in both spellings"


@pytest.mark.parametrize(
    ("call", "who"),
    [
        (connect, "ws.connect() got"),
        (websocket, "WebSocket() got"),
        (socket_options, "got"),
        (connect_options, "got"),
    ],
)
def test_names_given_both_ways_are_refused(call: Call, who: str) -> None:
    with pytest.raises(TypeError) as caught:
        call({"timeout": 5, "proxy": None, "tags": {}}, proxy=None, timeout=5)
    assert str(caught.value) == f"{who} proxy, timeout twice"


@CALLS
@pytest.mark.parametrize("key", [7, b"timeout", None, ("timeout",)])
def test_a_name_that_is_no_text_does_not_exist(call: Call, key: Any) -> None:
    with pytest.raises(k6ws.UnknownOption) as caught:
        call({key: 1})
    assert str(caught.value).endswith(f" {key}")


@CALLS
def test_a_name_that_is_far_from_all_is_told_what_there_is(call: Call) -> None:
    with pytest.raises(k6ws.UnknownOption) as caught:
        call({"zzz": 1})
    besides = ["port", "host"] if call is connect_options else []
    assert caught.value.hint == f"known are {', '.join([*besides, *TAKEN[call]])}"


@pytest.mark.parametrize("call", [connect, websocket])
def test_keys_of_compression_are_refused_like_any_other(call: Call) -> None:
    both = {"client_max_window_bits": 9, "clientMaxWindowBits": 10}
    with pytest.raises(TypeError) as caught:
        call({"compression": both})
    assert str(caught.value) == "compression.client_max_window_bits is given in both spellings"
    for key, hint in (
        ("levle", "did you mean 'level'?"),
        ("algoritm", "did you mean 'algorithm'?"),
    ):
        with pytest.raises(k6ws.UnknownOption, match=f"compression.{key}") as unknown:
            call({"compression": {key: None}})
        assert unknown.value.hint == hint


@CALLS
@pytest.mark.parametrize("spelt", [str, camel])
def test_what_is_refused_has_the_name_of_its_parameter(
    call: Call, spelt: Callable[[str], str]
) -> None:
    name = "tcp_keep_alive" if TAKEN[call] is WEBSOCKET else "keep_alive"
    with pytest.raises(TypeError) as caught:
        call({spelt(name): []})
    assert str(caught.value) == f"{name} is True, False or a duration, not []"
    with pytest.raises(k6ws.InvalidParameter) as invalid:
        call({spelt(name): -1})
    assert str(invalid.value) == f"{name} of -1 is out of range"


def test_a_key_of_start_tls_given_both_ways_is_refused() -> None:
    with pytest.raises(TypeError) as caught:
        tcp.Socket().start_tls({"server_name": "a", "resume": True}, server_name="b")
    assert str(caught.value) == "got server_name twice"
    with pytest.raises(TypeError) as spelt:
        tcp.Socket().start_tls({"serverName": "a"}, server_name="b")
    assert str(spelt.value) == "tls.server_name is given in both spellings"
