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

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


@contextmanager
def service(*flags: str) -> Generator[str, None, None]:
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
            target.communicate(timeout=10)
            assert target.returncode == 0


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


def test_in_the_chat_everybody_hears_what_one_says() -> None:
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

    with service("--chat") as url:
        story = asyncio.run(talk(url))
    said = {"event": "CHAT_MSG", "user": "Ada", "message": "hello"}
    assert story == ["Ada", "Ada", said, said, "ERROR", "ERROR", "ERROR", 1000, "LEFT"]


def test_who_does_not_read_is_let_go() -> None:
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

    with service("--chat") as url:
        assert asyncio.run(flood(url)) == 1008
