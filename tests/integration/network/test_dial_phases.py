"""The phases of a dial: each is timed, they add up, and each may have a limit of its own."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from k6ws import K6Error, ws
from k6ws.tcp import Socket, TCPError
from support.journal import PATIENCE_S
from support.runs import run_once, session_in_run, total
from support.servers import ScriptedServer, WebsocketsServer, hang, read_request, send

if TYPE_CHECKING:
    from pathlib import Path

    import k6ws
    from support.servers import Authority, EchoServer

PHASES = ("ws_dns", "ws_tcp", "ws_tls", "ws_upgrade")


def close(socket: ws.Socket) -> None:
    socket.close()


def parts(result: k6ws.Result) -> dict[str, float]:
    """The phases that were measured, once each."""
    found = [name for name in PHASES if name in result.metrics]
    assert [total(result, name) for name in found] == [1] * len(found)
    return {name: result.metrics[name].max for name in found}


@pytest.mark.keeps_threads(1)
def test_the_phases_of_ws_add_up_to_ws_connecting(server: WebsocketsServer) -> None:
    url = f"ws://localhost:{server.port}/ws-echo"
    _, result = session_in_run(url, close)
    phases = parts(result)
    assert phases.keys() == {"ws_dns", "ws_tcp", "ws_upgrade"}
    assert all(ms > 0 for ms in phases.values())
    assert sum(phases.values()) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)
    [(tags, _)] = result.series("ws_upgrade")
    assert (tags["url"], tags["status"]) == (url, "101")


def test_those_of_wss_have_tls_among_them(tls_server: EchoServer, authority: Authority) -> None:
    _, result = session_in_run(tls_server.url("/ws-echo"), close, {"tls": {"ca": authority.pem}})
    phases = parts(result)
    assert phases.keys() == set(PHASES)
    assert phases["ws_tls"] > phases["ws_dns"]
    assert sum(phases.values()) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)


def test_the_roots_of_the_system_are_loaded_before_anything_is_timed(
    authority: Authority, tls_server: EchoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for them is the iteration, and not the server."""
    roots = tmp_path / "roots.pem"
    os.mkfifo(roots)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)

    def load() -> None:
        with roots.open("w") as file:
            time.sleep(0.3)
            file.write(authority.pem)

    def default() -> None:
        assert ws.connect(tls_server.url("/ws-echo"), close).status == 101

    results: list[k6ws.Result] = []
    # A thread has a loop of its own, which has loaded nothing yet.
    running = threading.Thread(target=lambda: results.append(run_once(default)))
    loading = threading.Thread(target=load)
    for thread in (loading, running):
        thread.start()
    for thread in (running, loading):
        thread.join(PATIENCE_S)
    [result] = results
    assert result.metrics["iteration_duration"].max >= 300
    assert result.metrics["ws_connecting"].max < 290
    assert parts(result).keys() == set(PHASES)


REFUSALS = {
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
    "304 with a length": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ""),
    "no length": (b"HTTP/1.1 403 Forbidden\r\n\r\ndenied", "denied"),
    "chunked with a trailer": (
        b"HTTP/1.1 403 No\r\nTransfer-Encoding: Chunked\r\n\r\n6\r\ndenied\r\n0\r\nX-Sum: 1\r\n\r\n",
        "denied",
    ),
    "behind an interim answer": (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\ndenied",
        "denied",
    ),
    "a body that does not come": (b"HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\n", ""),
}


@pytest.mark.parametrize("is_tls", [False, True])
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_ends_with_its_last_byte_though_the_connection_stays(
    authority: Authority, kind: str, *, is_tls: bool
) -> None:
    answer, body = REFUSALS[kind]
    context = authority.server_context() if is_tls else None
    with ScriptedServer([read_request, send(answer), hang], tls=context) as server:
        params = {"tls": {"ca": authority.pem}}
        response, result = session_in_run(server.url(), close, params, throw=False)
    assert (response.cause, response.body) == ("handshake_status", body)
    phases = parts(result)
    # Our waiting for more of it is in the iteration, and nowhere else.
    waited = {"no length": 100, "a body that does not come": 1000}.get(kind, 0)
    assert result.metrics["iteration_duration"].max - phases["ws_upgrade"] >= waited
    assert phases["ws_upgrade"] < 900
    assert sum(phases.values()) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)


def test_a_refusal_that_is_known_is_no_timeout() -> None:
    answer = b"HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\nden"
    with ScriptedServer([read_request, send(answer), hang]) as server:
        limits: list[Any] = [{"timeout": 300}, {"upgrade_timeout": 300}]
        for limit in limits:
            response = ws.connect(server.url(), limit, close)
            assert (response.status, response.body) == (403, "den")


def test_a_failed_attempt_is_measured_as_far_as_it_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    _, result = session_in_run(f"ws://127.0.0.1:{port}/", close, throw=False)
    phases = parts(result)
    assert phases.keys() == {"ws_dns", "ws_tcp"}
    assert sum(phases.values()) == pytest.approx(result.metrics["ws_connecting"].max, abs=0.1)


def test_tcp_sockets_time_their_tls_too(tls_server: EchoServer, authority: Authority) -> None:
    def default() -> None:
        socket = Socket(tls={"ca": authority.pem})
        socket.connect(tls_server.port, "127.0.0.1").wait()
        socket.destroy()

    metrics = run_once(default).metrics
    tls, connecting = metrics["tcp_socket_tls"].max, metrics["tcp_socket_connecting"].max
    assert 0 < tls < connecting


def failing(url: str, **params: Any) -> tuple[str, str]:
    """The phase and the cause of a connect that fails."""
    response = ws.connect(url, close, **params)
    assert response.status == 0
    causes: list[tuple[str, str]] = []

    def default() -> None:
        with pytest.raises(K6Error) as caught:
            ws.connect(url, close, **params)
        error: Any = caught.value
        causes.append((error.phase, error.cause))
        assert "i/o timeout" in str(error)
        assert f"the {error.phase} phase had not ended within 200ms" in error.hint

    run_once(default, throw=True)
    return causes[0]


def test_a_silent_server_is_a_handshake_timeout() -> None:
    with ScriptedServer([read_request, hang]) as server:
        assert failing(server.url(), upgrade_timeout="200ms") == ("upgrade", "handshake_timeout")


def test_a_silent_tls_server_is_a_tls_timeout() -> None:
    with ScriptedServer([hang]) as server:
        url = server.url().replace("ws:", "wss:")
        assert failing(url, tlsTimeout=200) == ("tls", "tls_timeout")


@pytest.fixture
def full_backlog() -> Any:
    """The address of a listener whose queue is full: the kernel drops each further SYN."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting: list[socket.socket] = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(address)
            waiting.append(one)
        yield address
        for one in waiting:
            one.close()


def test_an_unanswered_syn_is_a_connect_timeout(full_backlog: tuple[str, int]) -> None:
    host, port = full_backlog
    url = f"ws://{host}:{port}/"
    assert failing(url, connect_timeout="200ms") == ("connect", "connect_timeout")


def test_tcp_sockets_have_the_same_limits(full_backlog: tuple[str, int]) -> None:
    host, port = full_backlog
    with pytest.raises(TCPError) as caught:
        Socket(connect_timeout="200ms").connect(port, host).wait()
    assert (caught.value.phase, caught.value.cause) == ("connect", "connect_timeout")
    with ScriptedServer([hang]) as server, pytest.raises(TCPError) as caught:
        Socket(tls=True).connect(server.port, "127.0.0.1", tls_timeout=200).wait()
    assert (caught.value.phase, caught.value.cause) == ("tls", "tls_timeout")


def test_the_whole_timeout_still_holds() -> None:
    with ScriptedServer([read_request, hang]) as server:
        url = server.url()
        assert failing(url, timeout="200ms", upgrade_timeout="30s") == (
            "upgrade",
            "handshake_timeout",
        )
