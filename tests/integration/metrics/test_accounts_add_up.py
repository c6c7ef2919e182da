"""Whatever servers do: attempts = opened + failed, and what was handed over = what was sent + what was not.

Random mixes of servers that refuse, stall, close, reset and read nothing, plain and async VUs, and runs that
end in the middle of it. A failure prints its seed; ``K6WS_SEED`` repeats it.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import threading
import time
from typing import Self

import pytest

import k6ws
from k6ws import ws
from k6ws.tcp import Socket, Write
from k6ws.websockets import WebSocket
from support import frames
from support.runs import total
from support.scripted import Peer, PeerLeft, acceptance, read_request

MOODS = ("refuse", "stall", "echo", "close", "reset", "fin", "deaf", "late")


class MoodyServer:
    """Treats each connection as the dice say."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            mood, after = self._dice.choice(MOODS), self._dice.uniform(0, 0.1)
            self._sockets.append(accepted)
            thread = threading.Thread(target=self._serve, args=(accepted, mood, after))
            self._threads.append(thread)
            thread.start()

    def _serve(self, accepted: socket.socket, mood: str, after: float) -> None:
        with accepted, contextlib.suppress(OSError, PeerLeft):
            if mood == "stall":
                self._stopping.wait()
            elif self._has_agreed(accepted, mood, after):
                if mood == "deaf":
                    self._stopping.wait()
                until = None if mood == "echo" else time.monotonic() + after
                _read(accepted, until)
                if mood == "reset":
                    at_once = struct.pack("ii", 1, 0)
                    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                elif mood == "close":
                    accepted.sendall(frames.close(1000))

    def _has_agreed(self, accepted: socket.socket, mood: str, after: float) -> bool:
        """Answers a request for a WebSocket; raw TCP has none."""
        if accepted.recv(4, socket.MSG_PEEK) != b"GET ":
            return True
        peer = Peer(accepted, self._stopping)
        read_request(peer)
        if mood == "refuse":
            accepted.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")
            return False
        if mood == "late":
            self._stopping.wait(after * 5)
        accepted.sendall(acceptance(peer))
        return True


def _read(accepted: socket.socket, until: float | None) -> None:
    """Take what comes, until then or until it ends."""
    with contextlib.suppress(TimeoutError):
        while until is None or until > time.monotonic():
            accepted.settimeout(until and max(0.001, until - time.monotonic()))
            if not accepted.recv(1 << 16):
                return


class Script:
    """What VUs do, and how much of it the core took."""

    def __init__(self, port: int, dice: random.Random) -> None:
        self._port, self._dice = port, dice
        self._url = f"ws://127.0.0.1:{port}/"
        self._params: k6ws.Params = {"close_timeout": 200, "send_buffer": 8192}
        self.attempts = self.messages = 0
        self.connects = self.writes = self.refused = 0

    def _texts(self) -> list[str]:
        dice = self._dice
        return ["x" * dice.choice([1, 40_000]) for _ in range(dice.choice([0, 1, 30]))]

    def _soon(self) -> float:
        return self._dice.uniform(1, 150)

    def _session(self, socket: ws.Socket) -> None:
        refused: list[object] = []
        socket.on("error", refused.append)

        def speak() -> None:
            for text in self._texts():
                known = len(refused)
                socket.send(text)
                self.messages += len(refused) == known
            socket.set_timeout(socket.close, self._soon())

        socket.on("open", speak)

    def connect(self) -> None:
        self.attempts += 1
        ws.connect(self._url, self._params, self._session)

    async def aconnect(self) -> None:
        self.attempts += 1
        await ws.aconnect(self._url, self._params, self._session)

    def websocket(self) -> None:
        self.attempts += 1
        socket = WebSocket(self._url, None, self._params)

        def speak() -> None:
            for text in self._texts():
                socket.send(text)
                self.messages += 1
            k6ws.timers.set_timeout(socket.close, self._soon())

        socket.onopen = speak

    def tcp(self) -> None:
        self.connects += 1
        socket = Socket({"send_buffer": 8192})
        socket.on("error", lambda: None)
        socket.connect(self._port, "127.0.0.1").wait()
        for text in self._texts():
            # One that finds its peer gone is refused, as an operation that has failed.
            is_taken = isinstance(socket.write(text), Write)
            self.writes += is_taken
            self.refused += not is_taken
        k6ws.timers.set_timeout(socket.destroy, self._soon())


def run(how: str) -> tuple[Script, k6ws.Result, str]:
    """A run that is cut in the middle, and what a failure has to say."""
    seed = int(os.environ.get("K6WS_SEED") or random.SystemRandom().getrandbits(32))
    executor: k6ws.Scenario = {
        "executor": "constant-vus",
        "vus": 6,
        "duration": "1200ms",
        "gracefulStop": "0s",
    }
    with MoodyServer(random.Random(seed)) as server:
        script = Script(server.port, random.Random(seed))
        result = k6ws.run(getattr(script, how), scenarios={"s": executor})
    return script, result, f"K6WS_SEED={seed}"


@pytest.mark.parametrize("how", ["connect", "aconnect", "websocket"])
def test_attempts_and_messages_add_up(how: str) -> None:
    script, result, seed = run(how)
    attempts = total(result, "ws_sessions")
    opened, failed = total(result, "ws_closes"), total(result, "ws_connect_failed")
    assert (attempts, opened + failed) == (script.attempts, script.attempts), seed
    assert total(result, "ws_session_duration") == attempts, seed
    if opened:
        assert result.metrics["ws_active"].value == 0, seed
    sent, unsent = total(result, "ws_msgs_sent"), total(result, "ws_msgs_unsent")
    assert sent + unsent == script.messages, seed


def test_connects_and_writes_of_tcp_do_too() -> None:
    script, result, seed = run("tcp")
    opened, cut = total(result, "tcp_sockets"), total(result, "tcp_errors", error="cut")
    assert opened + cut == script.connects, seed
    assert total(result, "tcp_socket_duration") == opened, seed
    assert total(result, "tcp_writes") == script.writes, seed
    assert total(result, "tcp_errors") >= cut + script.refused, seed
    assert 0 < total(result, "tcp_writes_unsent") < script.writes, seed
