"""Whatever is sent, awaited, cancelled and handled in whatever order: each message is there once, in line."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

import k6ws
from k6ws import _core, ws
from k6ws._conversation.matching import Match
from support.connection_server import ConnectionServer
from support.runs import run_once

KINDS = "abc"
EXCHANGES = 10_000  # of the 100,000 of R2, over 2 sessions


class Walk:
    """Random steps on one session, and what must hold at each."""

    def __init__(self, seed: int, session: ws.AsyncSession) -> None:
        self.random = random.Random(seed)
        self.session = session
        self.sent: list[str] = []
        self.taken: list[str] = []
        self.handled: list[str] = []
        self.waiting: dict[asyncio.Task[Any], str] = {}
        # A message that was given to one who is cancelled comes to a handler behind later ones.
        self.cancels = seed % 2 == 1
        self.steps: list[Callable[[], Coroutine[Any, Any, None] | None]] = [
            *[self.send] * 6,
            *[self.wait] * 5,
            *[self.cancel] * (2 if self.cancels else 0),
            *[self.turn] * 4,
        ]

    def send(self) -> None:
        message = f"{self.random.choice(KINDS)}{len(self.sent)}"
        self.sent.append(message)
        self.session.send(message)

    def wait(self) -> None:
        kind = self.random.choice(["", *KINDS])
        how: list[Match | None] = [re.compile(f"^{kind}"), lambda message: message.startswith(kind)]
        match = self.random.choice(how) if kind else self.random.choice([None, *how])
        timeout: Any = self.random.choice([None, None, "1ms", 0])
        task = asyncio.create_task(self.session.recv(match, timeout=timeout))
        self.waiting[task] = kind
        task.add_done_callback(self.over)

    def over(self, task: asyncio.Task[Any]) -> None:
        kind = self.waiting.pop(task)
        if not task.cancelled() and task.exception() is None:
            assert task.result().startswith(kind)
            self.taken.append(task.result())

    def cancel(self) -> None:
        if self.waiting:
            self.random.choice(list(self.waiting)).cancel()

    def turn(self) -> Coroutine[Any, Any, None]:
        return asyncio.sleep(self.random.choice([0, 0, 0.001]))

    def check(self) -> None:
        """Nobody waits for what is there."""
        inbox = self.session._source.inbox._messages
        assert [one.number for one in inbox] == sorted(one.number for one in inbox)
        for wait in self.session._source._waits:
            assert not any(self.session._source._fits(wait, one) for one in inbox)

    async def go(self, steps: int) -> None:
        handles_from = self.random.randrange(2 * steps)
        for step in range(steps):
            if step == handles_from:
                self.session.on("message", self.handled.append)
            turn = self.random.choice(self.steps)()
            if turn is not None:
                await turn
            self.check()
        while self.session._source._number < len(self.sent):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
        for task in list(self.waiting):
            task.cancel()
        await asyncio.gather(*self.waiting, return_exceptions=True)
        left = [await self.session.recv(timeout=0, default=None) for _ in self.sent]
        left = [one for one in left if one is not None]
        assert sorted(self.taken + self.handled + left) == sorted(self.sent)
        assert left == sorted(left, key=self.sent.index)
        if not self.cancels:
            assert self.handled == sorted(self.handled, key=self.sent.index)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("place", ["program", "run"])
def test_each_message_is_there_once(echo: _core.EchoServer, seed: int, place: str) -> None:
    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            await Walk(seed, session).go(120)

    if place == "program":
        asyncio.run(main())
    else:
        run_once(main)


class Pushing(ConnectionServer):
    """Answers each `q<n>` by `r<n>`, and pushes up to five `p<n>` around it; three right behind the 101."""

    async def _serve(self, connection: ServerConnection) -> None:
        chance = random.Random(7)
        pushed = 3
        for number in range(pushed):
            await connection.send(f"p{number}")
        async for asked in connection:
            pushes = chance.randrange(6)
            before = chance.randrange(pushes + 1)
            said = [f"p{pushed + number}" for number in range(pushes)]
            said.insert(before, f"r{str(asked)[1:]}")
            pushed += pushes
            for message in said:
                await connection.send(message)


def test_r2_replies_among_pushes_blocking() -> None:
    """R2: every reply is the right one, every push is read once and in order, by line after line."""

    def default() -> None:
        pushes = 0
        with ws.open(server.url("/")) as session:
            for number in range(EXCHANGES // 2):
                session.send(f"q{number}")
                assert session.recv(re.compile("^r")) == f"r{number}"
                while (push := session.recv(timeout=0, default=None)) is not None:
                    assert push == f"p{pushes}"
                    pushes += 1
            session.send("q!")
            session.expect("r!", "the end")
        assert pushes > EXCHANGES // 2

    with Pushing() as server:
        run_once(default, vus=2, iterations=2)


def test_r2_replies_among_pushes_and_handlers() -> None:
    """R2, with a handler for what nobody waits for."""

    async def default() -> None:
        pushes: list[str] = []
        async with ws.aopen(server.url("/")) as session:
            session.on("message", pushes.append)
            for number in range(EXCHANGES // 2):
                session.send(f"q{number}")
                assert await session.recv(f"r{number}") == f"r{number}"
        assert pushes == [f"p{number}" for number in range(len(pushes))]
        assert len(pushes) > EXCHANGES // 2

    with Pushing() as server:
        result = k6ws.run(default, vus=2, iterations=2)
    assert [(one.type, one.message) for one in result.exceptions] == []
