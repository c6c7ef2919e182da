"""Linear code on a session: send, recv, in order and nothing lost; blocking, in programs and in runs."""

from __future__ import annotations

import threading
import time

import pytest

import k6ws
from k6ws import _core, execution, ws
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, send, upgrade, wait_for
from support.servers import WebsocketsServer


def test_what_is_sent_comes_back(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        session.send("text")
        session.send(b"bytes")
        session.send(bytearray(b"buffer"))
        assert [session.recv() for _ in range(3)] == ["text", b"bytes", b"buffer"]
        assert session.is_open
    assert not session.is_open


def test_half_a_surrogate_pair_is_sent_as_k6_does(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        session.send("a\ud83d\ude00b\ud83d")
        assert session.recv() == "a\U0001f600b\ufffd"


@pytest.mark.parametrize("wrong", [7, None, {"a": 1}, object()])
def test_what_is_no_message_is_refused(echo: _core.EchoServer, wrong: object) -> None:
    with ws.open(echo.url()) as session:
        with pytest.raises(TypeError, match="sends text"):
            session.send(wrong)
        session.send("still open")
        assert session.recv() == "still open"


def test_messages_behind_the_handshake_are_the_first(echo: _core.EchoServer) -> None:
    """R2: the server speaks in the very segment of its 101."""
    first = b"".join(frames.text(str(number)) for number in range(3))
    script = [upgrade(then=first), send(frames.text("3")), read_to_end]
    with ScriptedServer(script) as server, ws.open(server.url()) as session:
        assert [session.recv() for _ in range(4)] == ["0", "1", "2", "3"]


def test_artillery_3476_several_replies_to_one_send(server: WebsocketsServer) -> None:
    """One send, several replies: each is there for its own recv."""
    with ws.open(server.url("/ws-push")) as session:
        session.send("go on")
        assert [session.recv() for _ in range(10)] == [str(number) for number in range(10)]


def test_gatling_3773_reads_without_a_send(server: WebsocketsServer) -> None:
    """What the server pushes is read whether anything was sent or not."""
    with ws.open(server.url("/ws-push")) as session:
        assert session.recv() == "0"
        k6ws.sleep(0.01)  # the point: what comes meanwhile is not lost
        assert [session.recv() for _ in range(9)] == [str(number) for number in range(1, 10)]


def test_nothing_in_time_is_an_error_or_the_default(server: WebsocketsServer) -> None:
    with ws.open(server.url("/ws-listen"), recv_timeout="20ms") as session:
        with pytest.raises(k6ws.RecvTimeout, match="no message within 20ms"):
            session.recv()
        with pytest.raises(TimeoutError):
            session.recv(timeout="10ms")
        assert session.recv(timeout="10ms", default=None) is None
        assert session.recv(timeout=0, default="nothing") == "nothing"
        assert session.is_open


def test_without_an_end_it_waits_as_long_as_it_takes(server: WebsocketsServer) -> None:
    with ws.open(server.url("/ws-echo-multi"), recv_timeout=None) as session:
        session.send("at last")
        assert session.recv() == "at last"


@pytest.mark.parametrize("bare", [1, 1.5, 30])
def test_a_bare_number_names_both_spellings(echo: _core.EchoServer, bare: float) -> None:
    with ws.open(echo.url()) as session, pytest.raises(TypeError) as caught:
        session.recv(timeout=bare)  # type: ignore[arg-type]
    assert f'timeout="{bare:g}s"' in str(caught.value)
    assert f'timeout="{bare:g}ms"' in str(caught.value)
    with pytest.raises(TypeError, match="recv_timeout="):
        ws.open(echo.url(), recv_timeout=bare)  # type: ignore[typeddict-item]


def test_a_session_in_a_run_is_measured(server: WebsocketsServer) -> None:
    got: list[str] = []

    def default() -> None:
        with ws.open(server.url("/ws-echo-multi"), tags={"kind": "chat"}) as session:
            session.send("hello")
            got.append(session.recv())

    result = run_once(default)
    assert got == ["hello"]
    assert result.metrics["ws_sessions"]["count"] == 1
    assert (
        result.metrics["ws_msgs_sent"]["count"] == result.metrics["ws_msgs_received"]["count"] == 1
    )
    assert {tags["kind"] for tags, _ in result.series("ws_msgs_received")} == {"chat"}
    server.journal.wait_until(lambda: server.journal.sessions[0].ended, "the end of the session")
    assert server.journal.sessions[0].close_code == 1000


def test_many_users_speak_at_once(echo: _core.EchoServer) -> None:
    def default() -> None:
        with ws.open(echo.url()) as session:
            for number in range(20):
                session.send(str(number))
                assert session.recv() == str(number)

    result = k6ws.run(default, vus=20, iterations=60)
    assert [(e.type, e.message) for e in result.exceptions] == []
    assert result.metrics["ws_msgs_received"]["count"] == 60 * 20


def test_a_message_that_is_there_when_the_time_is_up_came_in_time() -> None:
    """A script that holds the loop is late itself; the peer was not."""
    said = threading.Event()
    got: list[str] = []
    script = [upgrade(), wait_for(said), send(frames.text("in time")), read_to_end]

    def default() -> None:
        if execution.vu.id_in_test == 1:
            with ws.open(server.url()) as session:
                waits.append(session)
                got.append(session.recv(timeout="50ms"))
        else:
            while not waits:
                k6ws.sleep(0.001)
            k6ws.sleep(0.01)
            said.set()
            time.sleep(0.2)

    waits: list[ws.Session] = []
    with ScriptedServer(script) as server:
        result = k6ws.run(default, vus=2, iterations=2)
    assert [(e.type, e.message) for e in result.exceptions] == []
    assert got == ["in time"]
