"""What an editor offers on the objects that scripts hold: what is for scripts, and nothing else."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import k6ws
from k6ws import _core, tcp, websockets, ws
from k6ws._loop import Operation
from k6ws._params import WEBSOCKET
from k6ws._run.keywords import OURS

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from k6ws.experimental import websockets as experimental

SESSION = """
    send recv expect request request_all start correlate auto_reply ignore delivered every on close keep
    is_open
"""
NAMES = {
    ws.Socket: """
        correlate request start auto_reply ignore delivered
        on send send_binary sendBinary ping close set_timeout setTimeout set_interval setInterval
        pause_reading resume_reading
    """,
    websockets.WebSocket: """
        CONNECTING OPEN CLOSING CLOSED
        add_event_listener addEventListener remove_event_listener removeEventListener
        onopen onmessage onerror onclose onping onpong
        send ping close pause_reading resume_reading keep correlate request start auto_reply ignore delivered
        url protocol extensions ready_state readyState buffered_amount bufferedAmount binary_type binaryType
    """,
    tcp.Socket: """
        correlate request start auto_reply ignore delivered
        connect start_tls startTls write end destroy on set_timeout setTimeout set_framing setFraming
        set_no_delay setNoDelay set_keep_alive setKeepAlive pause_reading resume_reading keep
        ready_state connected readable local_ip local_port remote_ip remote_port bytes_read bytes_written
    """,
    k6ws.Session: SESSION,
    ws.Session: SESSION + "response subprotocol",
    ws.AsyncSession: SESSION + "response subprotocol",
    tcp.Session: SESSION + "start_tls set_framing end endpoints",
    tcp.AsyncSession: SESSION + "start_tls set_framing end endpoints",
    tcp.Write: "wait done",
    Operation: "wait done",
}


NAMES[experimental.WebSocket] = NAMES[websockets.WebSocket]


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_call_without_its_arguments_is_named_as_scripts_know_it(kind: type) -> None:
    calls = [getattr(kind, name) for name in dir(kind) if not name.startswith("_")]
    plain = [call for call in calls if inspect.isfunction(call)]
    owners = {call.__qualname__.partition(".")[0] for call in plain}
    # What both spellings of a session share is told as one of the blocking one.
    assert owners <= {kind.__name__, kind.__name__.removeprefix("Async"), "Socket"}
    assert all(call.__qualname__.endswith(f".{call.__name__}") for call in plain)


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_socket_shows_what_scripts_use_and_nothing_else(kind: type) -> None:
    shown = {name for name in dir(kind) if not name.startswith("_")}
    assert shown == set(NAMES[kind].split())


@pytest.mark.parametrize("kind", [ws.Socket, websockets.WebSocket, tcp.Socket])
def test_a_socket_has_a_session_and_is_none(kind: type) -> None:
    states = {name for one in kind.__mro__ for name in getattr(one, "__slots__", ())}
    assert states - {"__weakref__"} == {"_session"}
    machinery = ("_receive", "receive", "_dispatch", "dispatch", "abandon", "run", "shut", "emit")
    assert [name for name in machinery if hasattr(kind, name)] == []


PARAMETERS = [
    *("recv_timeout", "correlate", "keep", "on_open", "reconnect"),
    *("auth", "framing", "codec"),
]
SIGNATURES = {
    ws.connect: ["url", "params", "callback", *WEBSOCKET],
    ws.aconnect: ["url", "params", "callback", *WEBSOCKET],
    ws.open: ["url", "params", *WEBSOCKET, *PARAMETERS],
    ws.aopen: ["url", "params", *WEBSOCKET, *PARAMETERS],
    websockets.WebSocket: ["url", "protocols", "params", *WEBSOCKET],
    experimental.WebSocket: ["url", "protocols", "params", *WEBSOCKET],
    tcp.Socket.write: ["self", "data", "options", "encoding", "tags"],
}


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__qualname__)
def test_a_call_names_its_parameters(function: Callable[..., Any]) -> None:
    assert list(inspect.signature(function).parameters) == SIGNATURES[function]


@pytest.mark.parametrize("function", [k6ws.run, k6ws.arun])
def test_a_run_names_its_options(function: Callable[..., Any]) -> None:
    shown = inspect.signature(function).parameters
    options = [ours for ours, _, _ in _core.option_names()]
    assert list(shown) == ["script", *options, *OURS]
    assert {shown[name].kind for name in options} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("function", [tcp.Socket, tcp.Socket.connect, tcp.open, tcp.aopen])
def test_a_tcp_socket_names_its_options(function: Callable[..., Any]) -> None:
    shown = inspect.signature(function).parameters
    assert {"tls", "timeout", "recv_rate", "local_address", "max_buffered"} <= shown.keys()
    assert not {one.kind for one in shown.values()} & {inspect.Parameter.VAR_KEYWORD}


def test_a_coroutine_function_is_still_one() -> None:
    assert inspect.iscoroutinefunction(ws.aconnect)
    assert inspect.iscoroutinefunction(k6ws.arun)
