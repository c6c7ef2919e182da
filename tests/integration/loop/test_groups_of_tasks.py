"""Groups and tags belong to the task; a group is left however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest

import k6ws
from k6ws import check, execution, group, tcp, ws
from k6ws.metrics import Counter
from k6ws.timers import set_timeout
from k6ws.websockets import WebSocket
from support.runs import run_once
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer

TAGS = {"system_tags": ["group", "check"]}


def groups_of_checks(result: k6ws.Result) -> dict[str, dict[str, float]]:
    """Of each check the groups it was made in, with how often."""
    found: dict[str, dict[str, float]] = {}
    for tags, values in result.series("checks"):
        found.setdefault(tags["check"], {})[tags["group"]] = values["passes"]
    return found


def test_each_task_is_in_its_own_group() -> None:
    after: list[str] = []

    async def work(name: str, delay: float) -> None:
        with group(name):
            await asyncio.sleep(delay)
            check(1, {f"of {name}": True})
            with group("inner"):
                await asyncio.sleep(delay)
                check(1, {f"inner of {name}": True})

    async def default() -> None:
        await asyncio.gather(work("a", 0.002), work("b", 0.003))
        check(1, {"after": True})
        after.append(execution.vu.tags.get("group", ""))

    result = run_once(default, iterations=3, **TAGS)
    assert groups_of_checks(result) == {
        "of a": {"::a": 3},
        "of b": {"::b": 3},
        "inner of a": {"::a::inner": 3},
        "inner of b": {"::b::inner": 3},
        "after": {"": 3},
    }
    assert after == ["", "", ""]


def test_values_and_tags_of_two_tasks_stay_apart() -> None:
    orders = Counter("orders_of_tasks")

    async def work(name: str) -> None:
        execution.vu.tags["user"] = name
        with group(name):
            for _ in range(3):
                await asyncio.sleep(0.001)
                orders.add(1, {"by": name})

    async def default() -> None:
        await asyncio.gather(work("a"), work("b"))
        orders.add(1, {"by": "nobody"})

    result = run_once(default, **TAGS)
    found = {
        (tags["by"], tags.get("user"), tags["group"]): values["count"]
        for tags, values in result.series("orders_of_tasks")
    }
    assert found == {("a", "a", "::a"): 3, ("b", "b", "::b"): 3, ("nobody", None, ""): 1}


def test_sockets_and_timers_of_a_task_carry_its_group(server: WebsocketsServer) -> None:
    async def over_ws() -> None:
        with group("ws"):
            await asyncio.sleep(0.001)

            def session(socket: ws.Socket) -> None:
                socket.on("open", lambda: check(1, {"ws open": True}))
                socket.on("message", lambda: (check(1, {"ws message": True}), socket.close()))

            await ws.aconnect(server.url("/ws-push"), session)

    async def over_websockets() -> None:
        closed = asyncio.Event()
        with group("websockets"):
            await asyncio.sleep(0.001)
            socket = WebSocket(server.url("/ws-push"))
            socket.onmessage = lambda: (check(1, {"websockets message": True}), socket.close())
            socket.onclose = closed.set
            await closed.wait()

    async def over_tcp() -> None:
        closed = asyncio.Event()
        socket = tcp.Socket()
        socket.on("connect", lambda: (check(1, {"tcp connect": True}), socket.destroy()))
        socket.on("close", closed.set)
        with group("tcp"):
            await asyncio.sleep(0.001)
            await socket.connect(peer.port, "127.0.0.1")
            await closed.wait()

    async def timer() -> None:
        fired = asyncio.Event()
        with group("timer"):
            set_timeout(lambda: (check(1, {"timer": True}), fired.set()), 1)
            await fired.wait()

    async def default() -> None:
        await asyncio.gather(over_ws(), over_websockets(), over_tcp(), timer())

    with TcpServer() as peer:
        result = run_once(default, **TAGS)
    assert groups_of_checks(result) == {
        "ws open": {"::ws": 1},
        "ws message": {"::ws": 1},
        "websockets message": {"::websockets": 1},
        "tcp connect": {"::tcp": 1},
        "timer": {"::timer": 1},
    }
    sessions = sorted(tags["group"] for tags, _ in result.series("ws_sessions"))
    sockets = [tags["group"] for tags, _ in result.series("tcp_sockets")]
    assert (sessions, sockets) == (["::websockets", "::ws"], ["::tcp"])


def test_coroutine_handlers_side_by_side_are_each_in_their_own_group(
    server: WebsocketsServer,
) -> None:
    async def talk(name: str) -> None:
        def session(socket: ws.Socket) -> None:
            @socket.on("message")
            async def _(text: str) -> None:
                with group(name):
                    await asyncio.sleep(0.001)
                    check(1, {f"of {name}": True})
                if text == "9":
                    socket.close()

        await ws.aconnect(server.url("/ws-push"), session)

    async def default() -> None:
        await asyncio.gather(talk("a"), talk("b"))
        check(1, {"after": True})

    result = run_once(default, **TAGS)
    assert groups_of_checks(result) == {
        "of a": {"::a": 10},
        "of b": {"::b": 10},
        "after": {"": 1},
    }


@pytest.mark.parametrize("style", ["blocking", "async"])
def test_tags_of_a_vu_outlive_the_iteration_and_those_set_in_a_group_the_group(style: str) -> None:
    def act() -> None:
        if execution.vu.iteration_in_scenario == 0:
            with group("a"):
                execution.vu.tags["user"] = "carol"
        check(execution.vu.tags.get("user"), {"kept": lambda user: user == "carol"})

    async def async_act() -> None:
        act()

    result = run_once(act if style == "blocking" else async_act, iterations=2, **TAGS)
    assert [(tags["group"], tags["user"]) for tags, _ in result.series("checks")] == [("", "carol")]
    assert result.checks["kept"].passes == 2


def test_a_group_is_left_when_its_task_is_cancelled_or_fails() -> None:
    async def linger() -> None:
        with group("lingering"):
            await asyncio.sleep(60)

    async def fail() -> None:
        with group("failing"):
            await asyncio.sleep(0)
            raise LookupError

    async def default() -> None:
        with group("around"):
            task = asyncio.create_task(linger())
            with pytest.raises(LookupError):
                await fail()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            check(1, {"around": True})
        check(1, {"after": True})

    result = run_once(default, iterations=2, **TAGS)
    assert groups_of_checks(result) == {"around": {"::around": 2}, "after": {"": 2}}


@pytest.mark.parametrize("style", ["blocking", "async"])
def test_a_group_that_is_never_left_ends_with_the_iteration(style: str) -> None:
    """A generator that nobody exhausts holds its `with` block open."""
    kept: list[Any] = []

    def within() -> Generator[None]:
        with group("held"):
            yield

    async def async_within() -> AsyncGenerator[None]:
        with group("held"):
            yield

    def act() -> None:
        check(1, {"begin": True})
        kept.append(within())
        next(kept[-1])

    async def async_act() -> None:
        check(1, {"begin": True})
        kept.append(async_within())
        await anext(kept[-1])

    result = run_once(act if style == "blocking" else async_act, iterations=3, **TAGS)
    assert groups_of_checks(result) == {"begin": {"": 3}}
    for generator in kept:
        if style == "blocking":
            generator.close()


@pytest.mark.parametrize("given", ["status is 101", b"bytes", bytearray(b"bytes")])
def test_a_check_of_a_text_is_refused(given: Any) -> None:
    result = k6ws.run(lambda: check(1, given), vus=1, iterations=1)
    assert (len(result.checks), [one.type for one in result.exceptions]) == (0, ["TypeError"])
