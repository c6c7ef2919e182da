"""How sessions end: by whom, with which code, and what is raised of it; nothing that came before is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import pytest

import k6ws
from k6ws import _core, ws
from k6ws.correlate import in_order
from k6ws.errors import RequestFailed
from support import frames
from support.journal import PATIENCE_S
from support.runs import run_once
from support.scripted import (
    ScriptedServer,
    Step,
    fin,
    hang,
    read_frame,
    read_to_end,
    rst,
    send,
    upgrade,
)
from support.servers import WebsocketsServer

CLOSE = 0x8


@pytest.mark.parametrize(
    ("path", "code", "reason", "is_clean"),
    [
        ("/ws-close", 1000, "", True),
        ("/ws-close-1001", 1001, "", True),
        ("/ws-close-reason", 1001, "closed by server", True),
        ("/ws-close-1011", 1011, "out of order", False),
        ("/ws-close-4001", 4001, "own code", False),
    ],
)
def test_the_peer_closes(
    server: WebsocketsServer, path: str, code: int, reason: str, *, is_clean: bool
) -> None:
    with ws.open(server.url(path)) as session:
        with pytest.raises(k6ws.SessionClosed) as caught:
            session.recv()
        error = caught.value
        assert (error.code, error.reason, error.by, error.error) == (code, reason, "server", None)
        assert str(code) in str(error)
        assert not session.is_open
        with pytest.raises(ConnectionError):
            session.send("too late")
        if is_clean:
            assert list(session) == []
        else:
            with pytest.raises(k6ws.SessionClosed):
                list(session)
    session.close()


def test_what_came_before_the_close_is_taken_first() -> None:
    first = frames.text("1") + frames.text("2") + frames.close(1000)
    with ScriptedServer([upgrade(then=first), read_to_end]) as server:
        session = ws.open(server.url())
        while session.is_open:
            k6ws.sleep(0.001)
        assert [session.recv("2"), session.recv()] == ["2", "1"]
        with pytest.raises(k6ws.SessionClosed):
            session.recv()
        session.close()


def test_iteration_gives_all_and_then_ends() -> None:
    said = b"".join(frames.text(str(number)) for number in range(5)) + frames.close(1000)
    script = [upgrade(then=said), read_to_end]
    with ScriptedServer(script) as server, ws.open(server.url()) as session:
        assert list(session) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        ([fin, read_to_end], "eof"),
        ([rst], "reset"),
        ([send(b"\xff\xff\xff"), read_to_end], "protocol"),
    ],
)
def test_a_broken_session_says_what_broke_it(end: list[Step], cause: str) -> None:
    with ScriptedServer([upgrade(then=frames.text("last")), *end]) as server:
        with ws.open(server.url()) as session:
            assert session.recv() == "last"
            with pytest.raises(k6ws.SessionClosed) as caught:
                session.recv()
        error = caught.value.error
        assert isinstance(error, k6ws.WSError)
        assert error.cause == cause
        assert caught.value.by == ("us" if cause == "protocol" else "nobody")


def test_expect_on_a_closed_session_is_a_failed_check(server: WebsocketsServer) -> None:
    def default() -> None:
        with ws.open(server.url("/ws-close")) as session:
            assert session.expect("hello", "greeting") is None
            assert session.expect("hello", "greeting") is None

    assert run_once(default).checks["greeting"].fails == 2


def test_the_end_of_the_block_closes_and_waits_for_the_peer() -> None:
    said = [frames.text("behind your close"), frames.close(1000)]
    script = [upgrade(), read_frame(CLOSE), *map(send, said), read_to_end]
    with ScriptedServer(script) as server:
        with ws.open(server.url()) as session:
            pass
        assert server.peer().wait_frame(CLOSE).close_code == 1000
        assert (
            session.recv("not there", timeout=0, default=None) is None if session.is_open else True
        )


def test_what_comes_behind_our_close_is_still_there() -> None:
    said = [frames.text("behind your close"), frames.close(1000)]
    script = [upgrade(), read_frame(CLOSE), *map(send, said), read_to_end]
    with ScriptedServer(script) as server:
        session = ws.open(server.url())
        session.close(4000, "done")
        assert session.recv() == "behind your close"
        with pytest.raises(k6ws.SessionClosed) as caught:
            session.recv()
        assert (caught.value.code, caught.value.by) == (4000, "us")
        close = server.peer().wait_frame(CLOSE)
        assert (close.close_code, close.payload[2:]) == (4000, b"done")


def test_an_exception_that_leaves_the_block_closes_with_1001() -> None:
    with ScriptedServer(
        [upgrade(), read_frame(CLOSE), send(frames.close(1001)), read_to_end]
    ) as server:
        with pytest.raises(ZeroDivisionError), ws.open(server.url()):
            raise ZeroDivisionError
        assert server.peer().wait_frame(CLOSE).close_code == 1001


def test_a_peer_that_does_not_answer_the_close_is_given_up() -> None:
    with ScriptedServer([upgrade(), hang]) as server:
        with ws.open(server.url(), close_timeout="30ms") as session:
            pass
        assert not session.is_open


@pytest.mark.parametrize("code", [0, 999, 1004, 1006, 1015, 5000])
def test_a_code_that_may_not_travel_closes_nothing(echo: _core.EchoServer, code: int) -> None:
    with ws.open(echo.url()) as session:
        with pytest.raises(k6ws.InvalidCloseCode):
            session.close(code)
        with pytest.raises(k6ws.InvalidCloseReason):
            session.close(1000, "é" * 62)
        assert session.is_open


def test_an_iteration_that_fails_closes_its_sessions(server: WebsocketsServer) -> None:
    def default() -> None:
        ws.open(server.url("/ws-listen"))
        raise ValueError("mine")

    result = k6ws.run(default, iterations=1)
    assert [error.message for error in result.exceptions] == ["mine"]
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions[:1]] == [1001], "a Close 1001"
    )


def test_an_iteration_waits_for_a_session_that_is_left_open() -> None:
    go = threading.Event()

    def speak(peer: object) -> None:
        go.wait(PATIENCE_S)

    story: list[str] = []

    def default() -> None:
        session = ws.open(server.url())
        session.on("message", story.append)
        session.on("close", lambda code, reason: story.append(f"{code} {reason}"))
        story.append("returned")
        go.set()

    script = [upgrade(), speak, send(frames.text("hello") + frames.close(1000, "bye")), read_to_end]
    with ScriptedServer(script) as server:
        run_once(default)
    assert story == ["returned", "hello", "1000 bye"]


def test_a_vu_that_is_cut_leaves_its_recv(server: WebsocketsServer) -> None:
    story: list[str] = []

    def default() -> None:
        try:
            with ws.open(server.url("/ws-listen")) as session:
                story.append("waits")
                session.recv(timeout=None)
        finally:
            story.append("finally")

    users: Any = {"executor": "constant-vus", "vus": 3, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(default, scenarios={"users": users})
    assert result.exceptions == []
    assert story == ["waits"] * 3 + ["finally"] * 3
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions] == [1001] * 3, "three Closes"
    )


def test_ctrl_c_leaves_a_recv_and_closes(server: WebsocketsServer) -> None:
    killer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))

    def speak() -> None:
        with ws.open(server.url("/ws-listen")) as session:
            killer.start()
            session.recv(timeout=None)

    with pytest.raises(KeyboardInterrupt):
        speak()
    killer.join()
    # The program goes on: what it opens next works.
    with ws.open(server.url("/ws-echo-multi")) as session:
        session.send("again")
        assert session.recv() == "again"
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions[:1]] == [1001], "a Close 1001"
    )


def test_another_thread_may_close_and_nothing_else(server: WebsocketsServer) -> None:
    refused: list[str] = []

    def elsewhere(session: ws.Session) -> None:
        for call in (session.recv, lambda: session.send("x"), lambda: session.on("message", print)):
            try:
                call()
            except k6ws.K6Error as error:
                refused.append(str(error))
        session.close(4000)

    with ws.open(server.url("/ws-listen")) as session:
        thread = threading.Thread(target=elsewhere, args=(session,))
        thread.start()
        with pytest.raises(k6ws.SessionClosed) as caught:
            session.recv(timeout=None)
        thread.join()
    assert caught.value.code == 4000
    assert len(refused) == 3, refused


def test_what_will_find_no_room_says_so_whoever_notices_first() -> None:
    """The script is away while its session is given up, since its peer reads nothing."""
    params: dict[str, Any] = {"max_buffered": 100_000, "send_timeout": "100ms"}

    def sends(session: ws.Session) -> str:
        with pytest.raises(k6ws.WSError, match="does not read") as caught:
            session.send("x")
        return str(caught.value.cause)

    def requests(session: ws.Session) -> str:
        with pytest.raises(RequestFailed) as caught:
            session.request("x", "late")
        return str(caught.value.error)

    def starts(session: ws.Session) -> str:
        return str(session.start("x", "late").failed)

    with ScriptedServer([upgrade(), hang]) as server:
        for late, why in ((sends, "send_blocked"), (requests, "send"), (starts, "send")):
            session = ws.open(server.url(), correlate=in_order(), **params)
            # More than the system takes for a peer that does not read.
            session.send("x" * 20_000_000)
            assert session.start("x", "early").failed == "send"
            time.sleep(1.0)  # the point: the script is away for longer than a send may take
            assert late(session) == why
            assert starts(session) == "closed"
            session.close()
