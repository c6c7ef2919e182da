"""`ws.connect` as a plain blocking client: no runner, any thread, and Ctrl-C works."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable

import pytest

import k6ws
from k6ws import K6Error, ws
from support.servers import EchoServer, WebsocketsServer
from support.transcript import Transcript


def echo(url: str, message: str) -> list[str]:
    """One message there and back."""
    received: list[str] = []

    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send(message))
        socket.on("message", lambda text: (received.append(text), socket.close()))

    response = ws.connect(url, session)
    assert (response.status, response.error) == (101, "")
    return received


def in_thread(function: Callable[..., object], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    return thread


def test_connect_works_without_a_run_and_again(any_server: EchoServer) -> None:
    url = any_server.url("/ws-echo")
    assert [echo(url, "first"), echo(url, "second")] == [["first"], ["second"]]
    assert [any_server.journal.session(n).messages for n in range(2)] == [["first"], ["second"]]


def test_connect_works_in_another_thread(server: WebsocketsServer) -> None:
    received: list[str] = []
    in_thread(lambda: received.extend(echo(server.url("/ws-echo"), "from a thread"))).join(10)
    assert received == ["from a thread"]


def test_connects_in_two_threads_do_not_wait_for_each_other(server: WebsocketsServer) -> None:
    """Each session waits for the other to be open: only side by side can both end."""
    opened = {"left": threading.Event(), "right": threading.Event()}
    ended: list[str] = []

    def run(mine: str, other: str) -> None:
        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: opened[mine].set())
            socket.set_interval(lambda: opened[other].is_set() and socket.close(), 1)

        ws.connect(server.url("/ws-echo"), session)
        ended.append(mine)

    for thread in (in_thread(run, "left", "right"), in_thread(run, "right", "left")):
        thread.join(10)
    assert sorted(ended) == ["left", "right"]


def test_other_threads_run_while_connect_waits(server: WebsocketsServer) -> None:
    beats: list[float] = []
    over = threading.Event()

    def beat() -> None:
        while not over.wait(0.005):
            beats.append(time.monotonic())

    heart = in_thread(beat)
    ws.connect(server.url("/ws-echo"), lambda socket: socket.set_timeout(socket.close, 300))
    over.set()
    heart.join(5)
    assert len(beats) > 20


def test_a_socket_belongs_to_its_thread(server: WebsocketsServer) -> None:
    caught: list[BaseException] = []

    def session(socket: ws.Socket) -> None:
        def intrude() -> None:
            try:
                socket.send("from the wrong thread")
            except Exception as error:
                caught.append(error)

        in_thread(intrude).join(5)
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    assert [isinstance(error, K6Error) for error in caught] == [True]
    assert server.journal.session().messages == []


def test_a_closed_socket_that_is_kept_does_no_harm(server: WebsocketsServer) -> None:
    kept: list[ws.Socket] = []
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        kept.append(socket)
        socket.close()

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    kept[0].close()
    with pytest.raises(k6ws.WSError, match="websocket: close sent"):
        kept[0].send("into the void")
    assert transcript.events == [("close", 1001)]


PROGRAM = """
    import sys
    from k6ws import ws

    def session(socket):
        socket.send("waiting")
        socket.on("close", lambda code: print("closed", code, flush=True))

    try:
        ws.connect(sys.argv[1], session)
        print("returned")
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_ctrl_c_leaves_connect_as_keyboard_interrupt(server: WebsocketsServer) -> None:
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), server.url("/ws-listen")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        journal = server.journal
        journal.wait_until(
            lambda: [session.messages for session in journal.sessions] == [["waiting"]],
            "the message of the program",
            patience=10,
        )
        started = time.monotonic()
        os.kill(program.pid, signal.SIGINT)
        stdout, stderr = program.communicate(timeout=10)
    assert time.monotonic() - started < 3
    assert (program.returncode, stderr) == (0, "")
    assert stdout.splitlines()[-1] == "interrupted"
    assert server.journal.session().close_code == 1001


@pytest.mark.parametrize("exit_by", ["return", "sys.exit(3)", "raise SystemExit(3)"])
def test_a_program_that_ends_in_a_session_ends_cleanly(
    server: WebsocketsServer, exit_by: str
) -> None:
    program = f"""
        import sys
        from k6ws import ws

        def leave():
            {exit_by}

        def session(socket):
            socket.on("open", leave)
            socket.set_timeout(socket.close, 10)

        ws.connect(sys.argv[1], session)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), server.url("/ws-echo")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0 if exit_by == "return" else 3, "", "")
    assert server.journal.session().close_code == 1001


def test_runs_leave_nothing_behind_in_the_loop() -> None:
    """What a run needed goes with it, however many runs a program makes."""

    class Canary:
        """Held by the function of the VUs, and by nothing else."""

    def one_run() -> weakref.ref[Canary]:
        canary = Canary()
        result = k6ws.run(lambda: bool(canary), vus=50, iterations=50)
        assert result.exceptions == []
        return weakref.ref(canary)

    gone = [one_run() for _ in range(3)]
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]
