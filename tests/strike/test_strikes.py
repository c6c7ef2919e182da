"""A run is struck at a random instant: it always ends, nothing of it is left, and its counters add up.

What strikes is what a program meets: a Ctrl-C or several, an alarm's exception, the outcome of a test. (Not
what another thread raises here: CPython gives that to a thread that this one just starts.) It strikes the
script's lines, ours, asyncio's, wherever the thread happens to be. `STRIKE_ROUNDS` says how often; a failure
names the seed of its round, and `STRIKE_SEED` begins with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import k6ws
from k6ws import _core, tcp, ws
from k6ws._loop import current_loop
from k6ws._run import api
from k6ws._run.runner import Runner
from k6ws.tcp import Socket
from k6ws.timers import set_interval, set_timeout
from k6ws.websockets import WebSocket
from support.open_files import open_files
from support.runs import total
from support.tcp_server import TcpServer

ROUNDS = int(os.environ.get("STRIKE_ROUNDS", "50"))
SEED = int(os.environ.get("STRIKE_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
# A round lasts a second, a cut VU may take five for its `finally` blocks.
MOST_S = 10.0
LEFT_PATIENCE_S = 3.0
VUS = 3


class StruckError(Exception):
    """What an alarm raises."""


class Outcome(BaseException):
    """What ends a test, as pytest's outcomes do."""


STRIKES: dict[str, Callable[[int], object]] = {
    "Ctrl-C": lambda main: signal.pthread_kill(main, signal.SIGINT),
    "alarm": lambda main: signal.pthread_kill(main, signal.SIGUSR1),
    "outcome": lambda main: signal.pthread_kill(main, signal.SIGUSR2),
}


class Striker(threading.Thread):
    """Strikes the main thread at random instants, until it is told that the run is over."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.blows = [
            (chance.uniform(0.0, 0.4), chance.choice(list(STRIKES)))
            for _ in range(chance.choice((1, 1, 1, 2, 4)))
        ]
        self._main = threading.get_ident()
        self._is_over = threading.Event()

    def run(self) -> None:
        for pause, name in self.blows:
            if self._is_over.wait(pause):
                return
            STRIKES[name](self._main)

    def stop(self) -> None:
        self._is_over.set()
        self.join()


@pytest.fixture
def handlers() -> Iterator[None]:
    def alarm(_number: int, _frame: object) -> None:
        raise StruckError

    def outcome(_number: int, _frame: object) -> None:
        raise Outcome

    before = {
        number: signal.signal(number, handler)
        for number, handler in ((signal.SIGUSR1, alarm), (signal.SIGUSR2, outcome))
    }
    yield
    for number, previous in before.items():
        signal.signal(number, previous)


class Script:
    """VUs of every kind, which note each iteration that they begin."""

    def __init__(self, url: str, port: int) -> None:
        self.url, self.port = url, port
        self.began = 0

    def plain(self) -> None:
        self.began += 1

        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send("x"))
            socket.on("message", lambda _: socket.send("x"))
            socket.set_interval(socket.ping, 5)
            socket.set_timeout(socket.close, 30)

        ws.connect(self.url, session)
        k6ws.sleep(0.01)

    def classes(self) -> None:
        self.began += 1
        socket = WebSocket(self.url)
        socket.onopen = lambda: socket.send("x")
        socket.onmessage = lambda: socket.close()
        tick = set_interval(lambda: None, 2)
        set_timeout(lambda: k6ws.timers.clear_interval(tick), 15)
        raw = Socket()
        raw.on("data", lambda _: raw.destroy())
        raw.connect(self.port).wait()
        raw.write("hello")

    def speaking(self) -> None:
        self.began += 1
        with ws.open(self.url) as session, tcp.open("127.0.0.1", self.port) as raw:
            for number in range(20):
                session.send(str(number))
                raw.send("x")
                session.expect(lambda text, number=number: text == str(number), "answered")
                raw.recv()
            session.on("message", lambda _: session.close())
            session.send("last")

    async def coroutine(self) -> None:
        self.began += 1

        def session(socket: ws.Socket) -> None:
            socket.on("open", lambda: socket.send("x"))
            socket.on("message", lambda _: socket.set_timeout(socket.close, 5))

        await asyncio.gather(ws.aconnect(self.url, session), asyncio.sleep(0.01))
        raw = Socket()
        await raw.connect(self.port)
        await raw.write("hello")
        await asyncio.sleep(0)
        raw.destroy()
        async with ws.aopen(self.url) as spoken:
            for number in range(5):
                waits = asyncio.create_task(spoken.recv(str(number)))
                await spoken.send(str(number))
                await waits

    def default(self) -> Any:
        kinds: dict[str, Callable[[], Any]] = {
            "plain": self.plain,
            "classes": self.classes,
            "speaking": self.speaking,
        }
        return kinds[k6ws.execution.scenario.name]()


def options(names: tuple[str, ...]) -> dict[str, Any]:
    timing = {"executor": "constant-vus", "vus": VUS, "duration": "1s", "gracefulStop": "500ms"}
    return {"scenarios": {name: dict(timing) for name in names}}


def struck(seed: int, script: Script) -> tuple[Runner | None, list[tuple[float, str]]]:
    """One round: the run that was struck, if it came to be, and the blows."""
    chance = random.Random(seed)
    is_async = chance.random() < 0.5
    made: list[Runner] = []

    class Noted(Runner):
        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            made.append(self)

    striker = Striker(chance)
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.suppress(StruckError, Outcome, KeyboardInterrupt),
    ):
        patch.setattr(api, "Runner", Noted)
        try:
            striker.start()
            if is_async:
                k6ws.run(script.coroutine, **options(("coroutine",)))
            else:
                k6ws.run(script.default, **options(("plain", "classes", "speaking")))
        finally:
            striker.stop()
    striker.stop()
    return (made[0] if made else None), striker.blows


def assert_nothing_is_left(files: int, threads: set[str]) -> None:
    loop = current_loop()
    deadline = time.monotonic() + LEFT_PATIENCE_S
    while True:
        left = {one.name for one in threading.enumerate()} - threads
        extra = len(open_files()) - files
        if (loop.core.connections(), left, max(extra, 0)) == (0, set(), 0):
            break
        assert time.monotonic() < deadline, (loop.core.connections(), left, extra, open_files())
        # The peers close their side in threads of their own, and no signal tells when.
        threading.Event().wait(0.01)
    assert loop.control is None
    assert loop.current is loop.outside
    assert not loop.outside.parked
    assert not loop.outside.sources


def assert_the_counters_add_up(runner: Runner, began: int) -> None:
    result = runner.result()
    run = result.to_dict()["run"]
    counted = total(result, "iterations") + run["iterations_interrupted"]
    # Each that began is counted once; one that was ordered may be cut before its first line.
    assert began <= counted <= began + 3 * VUS, (began, counted)
    # Each attempt is opened or failed, and what was opened was closed.
    attempts = total(result, "ws_sessions")
    assert total(result, "ws_session_duration") == attempts
    assert total(result, "ws_closes") + total(result, "ws_connect_failed") == attempts


@pytest.mark.timeout(120)
# What strikes a finaliser is Python's to ignore.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("start", range(0, ROUNDS, 10))
def test_a_run_that_is_struck_ends_and_leaves_nothing(start: int) -> None:
    echo = _core.EchoServer("127.0.0.1", 0)
    with TcpServer() as server:
        url = echo.url()
        # What is made once for the process is not of the first run that is struck.
        k6ws.run(lambda: ws.connect(url, lambda socket: socket.on("open", socket.close)))
        files, threads = len(open_files()), {one.name for one in threading.enumerate()}
        for number in range(start, min(start + 10, ROUNDS)):
            seed = SEED + number
            script = Script(url, server.port)
            begun = time.monotonic()
            runner, blows = struck(seed, script)
            took = time.monotonic() - begun
            what = f"STRIKE_SEED={seed}: {blows}"
            assert took < MOST_S, what
            try:
                assert_nothing_is_left(files, threads)
                if runner is not None:
                    assert_the_counters_add_up(runner, script.began)
                began = script.began
                after = k6ws.run(lambda: None, vus=2, iterations=4)
                assert after.metrics["iterations"].count == 4
                assert ("ws_sessions" in after.metrics, script.began) == (False, began)
            except BaseException as error:
                error.add_note(what)
                raise
    echo.stop()
