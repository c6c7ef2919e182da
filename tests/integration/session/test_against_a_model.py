"""Requests, rules, readers, handlers, pushes in random order: each message goes where a model says, once."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

import k6ws
from k6ws import framing, match
from k6ws._conversation.reply import Reply
from k6ws.correlate import by
from support.connection_server import ConnectionServer
from support.loop_server import LoopServer
from support.requests import assert_accounts
from support.speaking import PLACES, TRANSPORTS, Open, outcome, speak

KINDS = "abcd"
STEPS = 60
SEEDS = range(4)

Message = dict[str, Any]


class Obeying(LoopServer):
    """Says what it is told to say, then answers; notes what rules say. Knows nothing of the model."""

    def __init__(self) -> None:
        super().__init__()
        self.acks: list[tuple[int, int]] = []
        self.chance = random.Random(5)

    async def hear(self, text: str, say: Callable[[list[str]], Awaitable[None]]) -> None:
        heard: Message = json.loads(text)
        if "ack" in heard:
            self.acks.append((heard["rule"], heard["ack"]))
        if "say" in heard:
            said = [*heard["say"], {"id": heard["id"]}]
            await say([json.dumps(one) for one in said])


class OverWebSocket(Obeying, ConnectionServer):
    async def _serve(self, connection: ServerConnection) -> None:
        async def say(messages: list[str]) -> None:
            for one in messages:
                await connection.send(one)

        async for text in connection:
            await self.hear(str(text), say)


class OverTcp(Obeying):
    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(messages: list[str]) -> None:
            # Cut wherever it may be, and several messages in a piece.
            rest = "".join(f"{one}\n" for one in messages).encode()
            while rest:
                at = self.chance.randrange(1, len(rest) + 1)
                writer.write(rest[:at])
                await writer.drain()
                rest = rest[at:]

        while line := await reader.readline():
            await self.hear(line.decode(), say)
        writer.close()


class Asked:
    """A request under way, as the model has it."""

    def __init__(self, reply: Reply, key: int | None, kind: str, *, is_many: bool) -> None:
        self.reply, self.key, self.kind, self.is_many = reply, key, kind, is_many
        self.got: list[Message] = []
        self.is_over = False

    def takes(self, message: Message) -> bool:
        """Whether this message is its reply, or a part of it."""
        if self.is_over:
            return False
        if self.key is None:
            return message.get("kind") == self.kind
        return message.get("id") == self.key

    def take(self, message: Message) -> None:
        self.got.append(message)
        self.is_over = not self.is_many or message.get("last", False)

    def expected(self) -> Any:
        return self.got if self.is_many else self.got[-1]


class Rule:
    """A rule, as the model has it."""

    def __init__(self, number: int, kind: str, action: str) -> None:
        self.number, self.kind, self.action = number, kind, action
        self.saw = 0

    def takes(self, message: Message) -> bool:
        if message.get("kind") != self.kind:
            return False
        self.saw += 1
        return self.action != "watch"


class Walk:
    """Random steps on a session and on the model of it."""

    def __init__(self, session: Any, seed: int, *, is_async: bool) -> None:
        self.session, self.is_async = session, is_async
        self.chance = random.Random(seed)
        self.numbers = iter(range(1, 1_000_000))
        # The model.
        self.asked: list[Asked] = []
        self.rules: list[Rule] = []
        self.readers: list[tuple[str, asyncio.Task[Any], list[Message]]] = []
        self.handled: list[Message] | None = None
        self.inbox: list[Message] = []
        self.acks: list[tuple[int, int]] = []
        self.made = self.said = 0
        # What was found.
        self.heard: list[Message] = []

    # What the model says ------------------------------------------------------------------------------

    def came(self, message: Message) -> None:
        """Give a message to the first who takes it: this is the whole of the promise."""
        self.said += 1
        for asked in sorted(self.asked, key=lambda one: one.key is not None):
            if asked.takes(message):
                return asked.take(message)
        if self.ruled(message, self.rules):
            return None
        for kind, _, got in self.readers:
            if not got and kind in {"", message.get("kind")}:
                return got.append(message)
        if self.handled is not None:
            return self.handled.append(message)
        return self.inbox.append(message)

    def ruled(self, message: Message, rules: list[Rule]) -> bool:
        for rule in rules:
            if rule.takes(message):
                if rule.action == "answer":
                    self.acks.append((rule.number, message["seq"]))
                return True
        return False

    # Steps --------------------------------------------------------------------------------------------

    async def go(self) -> None:
        steps = [
            *[self.say] * 8,
            *[self.ask] * 4,
            *[self.read] * 4,
            *[self.leave] * (1 if self.is_async else 0),
            self.rule,
        ]
        handles_at = self.chance.choice([None, STEPS // 3, STEPS - 5])
        for step in range(STEPS):
            if step == handles_at:
                self.handle()
            else:
                await self.chance.choice(steps)()
        # Whoever still waits gets what it waits for.
        await self.exchange([self.reply_to(one, is_last=True) for one in self.open()])
        for _, task, _ in self.readers:
            task.cancel()
        await self.check()
        left = [json.loads(await self.session.recv(timeout=0)) for _ in self.inbox]
        assert left == self.inbox
        assert await self.session.recv(timeout=0, default=None) is None

    def open(self) -> list[Asked]:
        return [one for one in self.asked if not one.is_over]

    def reply_to(self, asked: Asked, *, is_last: bool) -> Message:
        return self.push(asked.kind, id=asked.key, last=is_last)

    def push(self, kind: str, **more: Any) -> Message:
        said = {"seq": next(self.numbers), "kind": kind, **more}
        return {name: value for name, value in said.items() if value is not None}

    async def say(self) -> None:
        """Have the peer say a few things at once: pushes, replies, also such as nobody awaits any more."""
        said: list[Message] = []
        for _ in range(self.chance.randrange(1, 7)):
            if self.asked and self.chance.random() < 0.5:
                asked = self.chance.choice(self.asked)
                said.append(self.reply_to(asked, is_last=self.chance.random() < 0.5))
            else:
                said.append(self.push(self.chance.choice(KINDS)))
        await self.exchange(said)

    async def exchange(self, said: list[Message]) -> None:
        key = next(self.numbers)
        self.made += 1
        reply = await self.session.request(json.dumps({"id": key, "say": said}), "say")
        assert json.loads(reply) == {"id": key}
        for message in said:
            self.came(message)
        self.said += 1
        await self.check()

    async def ask(self) -> None:
        """Begin a request: by key, by a match of its own, or for several messages."""
        how = self.chance.choice(["key", "key", "match", "many"])
        key, kind = next(self.numbers), self.chance.choice(KINDS)
        message = json.dumps({"id": key})
        is_many = how == "many"
        options: dict[str, Any] = {}
        if how == "match":
            options["match"] = self.fits(kind)
        elif is_many:
            options = {"done": match.json({"/last": True}), "many": True}
        self.made += 1
        reply = self.session.start(message, how, **options)
        asked = Asked(reply, None if how == "match" else key, kind, is_many=is_many)
        self.asked.append(asked)

    async def read(self) -> None:
        """Read once, or several times what may be the same."""
        for _ in range(self.chance.randrange(1, 4)):
            await self.read_of(self.chance.choice(["", *KINDS[:2]]))

    async def read_of(self, kind: str) -> None:
        """Take what is there, or stand in line for it."""
        fits = self.fits(kind) if kind else None
        there = next((one for one in self.inbox if kind in {"", one.get("kind")}), None)
        if there is not None:
            self.inbox.remove(there)
            assert json.loads(await self.session.recv(fits)) == there
        elif self.is_async:
            task = asyncio.create_task(self.session.recv(fits, timeout=None))
            await asyncio.sleep(0)  # the point: it stands in line
            self.readers.append((kind, task, []))
        else:
            assert await self.session.recv(fits, timeout=0, default=None) is None

    async def leave(self) -> None:
        """One who stands in line goes away."""
        if self.readers:
            reader = self.chance.choice(self.readers)
            self.readers.remove(reader)
            reader[1].cancel()
            await asyncio.sleep(0)  # the point: it has gone

    async def rule(self) -> None:
        """One more rule, which meets what lies in the inbox first."""
        if len(self.rules) == 4:
            return
        number, kind = len(self.rules), self.chance.choice(KINDS)
        action = self.chance.choice(["answer", "ignore", "watch"])
        rule = Rule(number, kind, action)
        self.rules.append(rule)
        fits = self.fits(kind)
        if action == "ignore":
            self.session.ignore(fits)
        elif action == "watch":
            self.session.delivered(fits, f"rule {number}")
        elif callable(fits):
            self.session.auto_reply(fits, acknowledging(number))
        else:
            self.session.auto_reply(fits, ack(number, "{/seq}").replace('"{/seq}"', "{/seq}"))
        self.inbox = [one for one in self.inbox if not self.ruled(one, [rule])]
        await self.exchange([])

    def handle(self) -> None:
        """From now on a handler has what nobody else takes, and what lies there at once."""

        def hear(message: str) -> None:
            self.heard.append(json.loads(message))

        self.session.on("message", hear)
        self.handled, self.inbox = self.inbox, []

    def fits(self, kind: str) -> Any:
        """Who means this kind: for the core to say, or for a function."""
        if self.chance.random() < 0.2:
            return is_of(kind)
        return match.json({"/kind": kind})

    # What must hold -----------------------------------------------------------------------------------

    async def check(self) -> None:
        """What was said by now is where the model has it."""
        for one in self.asked:
            assert one.reply.done == one.is_over
        if not self.is_async:
            return  # handlers wait until the VU has time for them
        deadline = time.monotonic() + 10
        there = [reader for reader in self.readers if reader[2]]
        while not (all(task.done() for _, task, _ in there) and self.is_handled()):
            assert time.monotonic() < deadline
            await asyncio.sleep(0)  # the point: who was given a message takes it
        for reader in there:
            self.readers.remove(reader)
            assert json.loads(reader[1].result()) == reader[2][0]
        assert not any(task.done() for _, task, _ in self.readers if not task.cancelling())

    def is_handled(self) -> bool:
        return len(self.heard) == len(self.handled or [])

    async def outcomes(self) -> None:
        """Each reply is that of its request."""
        for asked in self.asked:
            reply = await outcome(asked.reply)
            found = [json.loads(one) for one in reply] if asked.is_many else json.loads(reply)
            assert found == asked.expected()


def ack(rule: int, seq: Any) -> str:
    return json.dumps({"rule": rule, "ack": seq})


def acknowledging(rule: int) -> Callable[[str], str]:
    return lambda message: ack(rule, json.loads(message)["seq"])


def is_of(kind: str) -> Callable[[str], bool]:
    return lambda message: json.loads(message).get("kind") == kind


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("place", PLACES)
def test_each_message_goes_once_to_whom_it_belongs(place: str, transport: str, seed: int) -> None:
    walks: list[Walk] = []

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        how: dict[str, Any] = {"framing": framing.lines()} if transport == "tcp" else {}
        async with open(correlate=by("/id"), **how) as session:
            walk = Walk(session, seed, is_async=place.startswith("async"))
            walks.append(walk)
            await walk.go()
            await walk.outcomes()

    with OverWebSocket() if transport == "ws" else OverTcp() as server:
        where = server.url("/") if transport == "ws" else ("127.0.0.1", server.port)
        result = speak(place, where, body)
        if place == "program":
            k6ws.wait()
        (walk,) = walks
        assert walk.heard == (walk.handled or [])
        assert sorted(server.acks) == sorted(walk.acks)
        for rule in walk.rules:
            mine = [seq for number, seq in server.acks if number == rule.number]
            assert mine == [seq for number, seq in walk.acks if number == rule.number]
    if result is not None:
        assert_counted(result, transport, walk)


def assert_counted(result: k6ws.Result, transport: str, walk: Walk) -> None:
    """What the run says of all this."""
    counts = {name: values["count"] for name, values in result.metrics.items() if "count" in values}
    assert assert_accounts(result, transport) == {}
    assert counts[f"{transport}_reqs"] == walk.made
    assert counts[f"{transport}_msgs_received"] == walk.said
    assert counts.get(f"{transport}_auto_replies", 0) == len(walk.acks)
    watched = sum(rule.saw for rule in walk.rules if rule.action == "watch")
    assert counts.get(f"{transport}_deliveries", 0) == watched
    assert counts.get(f"{transport}_msgs_unhandled", 0) == 0
    if transport == "ws":
        assert counts["ws_msgs_sent"] == walk.made + len(walk.acks)
