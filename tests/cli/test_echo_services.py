"""`k6ws echo --chat` and `k6ws echo --tcp`, spoken to by clients that are not ours."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

# Through tungstenite, and through the frames of k6ws.
each_codec = pytest.mark.parametrize("flags", [[], ["--own"]], ids=["witness", "own"])


@contextmanager
def service(*flags: str, last_line: str = "") -> Generator[str, None, None]:
    """A running target; its URL."""
    command = [sys.executable, "-m", "k6ws", "echo", "--port", "0", *flags]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as target:
        assert target.stdout is not None
        try:
            yield target.stdout.readline().strip()
        finally:
            target.send_signal(signal.SIGINT)
            _, said = target.communicate(timeout=10)
            assert target.returncode == 0
            assert last_line in said


def test_tcp_sends_every_byte_back() -> None:
    with service("--tcp") as url:
        assert url.startswith("tcp://127.0.0.1:")
        host, port = url.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as client:
            sent = bytes(range(256)) * 1000
            got = b""
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                got += piece
    assert got == sent


@each_codec
def test_in_the_chat_everybody_hears_what_one_says(flags: list[str]) -> None:
    async def talk(url: str) -> list[object]:
        story: list[object] = []
        async with connect(url) as ada, connect(url) as bob:
            await ada.send(json.dumps({"event": "SET_NAME", "new_name": "Ada"}))
            for client in (ada, bob):
                story.append(json.loads(await client.recv())["user"])
            await ada.send(json.dumps({"event": "SAY", "message": "hello"}))
            for client in (ada, bob):
                story.append(json.loads(await client.recv()))
            for nonsense in ("no json", "[]", '{"event": "SAY"}'):
                await bob.send(nonsense)
                story.append(json.loads(await bob.recv())["event"])
            await bob.send(json.dumps({"event": "LEAVE"}))
            try:
                await bob.recv()
            except ConnectionClosed as closed:
                story.append(closed.rcvd.code if closed.rcvd else None)
            story.append(json.loads(await ada.recv())["event"])
        return story

    with service("--chat", *flags) as url:
        story = asyncio.run(talk(url))
    said = {"event": "CHAT_MSG", "user": "Ada", "message": "hello"}
    assert story == ["Ada", "Ada", said, said, "ERROR", "ERROR", "ERROR", 1000, "LEFT"]


@each_codec
def test_who_does_not_read_is_let_go(flags: list[str]) -> None:
    async def flood(url: str) -> int | None:
        async with connect(url, max_queue=1) as deaf, connect(url) as loud:
            said = json.dumps({"event": "SAY", "message": "x" * 10_000})

            async def hear() -> None:
                async for _ in loud:
                    pass

            hearing = asyncio.create_task(hear())
            for _ in range(3000):
                await loud.send(said)
            hearing.cancel()
            try:
                async for _ in deaf:
                    pass
            except ConnectionClosed:
                pass
            return deaf.close_code

    with service("--chat", *flags) as url:
        assert asyncio.run(flood(url)) == 1008


@each_codec
@pytest.mark.parametrize("kind", ["--echo", "--chat"])
def test_a_path_asks_for_a_status_or_a_close(kind: str, flags: list[str]) -> None:
    async def ask(url: str) -> tuple[int, int | None]:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{url}status/503")
        async with connect(f"{url}close/4321", compression=None) as client:
            await client.wait_closed()
        return refused.value.response.status_code, client.close_code

    with service(*({kind} - {"--echo"}), *flags) as url:
        assert asyncio.run(ask(url)) == (503, 4321)


@pytest.mark.parametrize(
    ("flags", "compression", "witnessed"),
    [([], None, 1), ([], "deflate", 0), (["--own"], None, 0)],
)
def test_it_speaks_through_an_implementation_that_is_not_ours_unless_asked(
    flags: list[str], compression: str | None, witnessed: int
) -> None:
    async def echo(url: str) -> object:
        async with connect(url, compression=compression) as client:
            await client.send("hello")
            return await client.recv()

    says = f"1 connections ({witnessed} through tungstenite), 1 messages received, 1 sent"
    with service(*flags, last_line=says) as url:
        assert asyncio.run(echo(url)) == "hello"
