"""Sessions that coroutines speak on: in programs, on uvloop, in `async def` VUs; cancelled and cut."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

import k6ws
from k6ws import _core, ws
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, upgrade
from support.servers import WebsocketsServer
from support.tcp_server import TcpServer, echo

Main = Callable[[], Coroutine[Any, Any, Any]]


def in_asyncio(main: Main) -> None:
    asyncio.run(main())


def on_uvloop(main: Main) -> None:
    uvloop.run(main())


def in_a_vu(main: Main) -> None:
    async def default() -> None:
        await main()

    run_once(default)


@pytest.fixture(params=[in_asyncio, on_uvloop, in_a_vu])
def run(request: pytest.FixtureRequest) -> Callable[[Main], None]:
    return request.param


Run = Callable[[Main], None]


def test_what_is_sent_comes_back(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            await session.send("text")
            await session.send(b"bytes")
            assert [await session.recv(), await session.recv()] == ["text", b"bytes"]
        assert not session.is_open

    run(main)


def test_it_opens_when_it_is_awaited(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        session = await ws.aopen(echo.url())
        other = await asyncio.create_task(ws.aopen(echo.url()))
        session.send("1")
        other.send("2")
        assert await asyncio.gather(session.recv(), other.recv()) == ["1", "2"]
        await asyncio.gather(session.close(), other.close(4000, "bye"))
        with pytest.raises(k6ws.SessionClosed, match="4000"):
            await other.recv()

    run(main)


def test_what_is_not_awaited_goes_on(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        session = await ws.aopen(echo.url())
        sent = session.send("hello")
        assert inspect.isawaitable(sent)
        assert await session.recv("hello") == "hello"
        session.close()
        with pytest.raises(k6ws.SessionClosed):
            await session.recv(timeout=None)

    run(main)


def test_asyncio_takes_whatever_a_session_returns(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        session = await ws.aopen(echo.url())
        async with asyncio.TaskGroup() as group:
            hello = group.create_task(session.recv())
            group.create_task(session.send("hello"))
        assert hello.result() == "hello"
        assert await asyncio.wait_for(session.send("again"), 5) is None
        assert await asyncio.wait_for(asyncio.create_task(session.recv()), 5) == "again"
        await asyncio.create_task(session.close())

    run(main)


def test_tasks_wait_each_for_what_fits(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            waits = [asyncio.create_task(session.recv(one)) for one in ("c", "a", None, "a")]
            await asyncio.sleep(0)
            for message in ("a", "b", "a", "c"):
                session.send(message)
            assert await asyncio.gather(*waits) == ["c", "a", "b", "a"]

    run(main)


def test_a_cancelled_recv_takes_nothing(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with ws.aopen(echo.url()) as session:
            waits: list[asyncio.Task[Any]] = []

            def cancel_behind(_message: object) -> bool:
                # Asked first: they are cancelled when they have been given it, and have not run since.
                for task in waits:
                    loop.call_soon(task.cancel)
                return False

            session._source.takers = (cancel_behind,)
            for _ in range(20):
                waits[:] = [asyncio.create_task(session.recv()) for _ in range(3)]
                await asyncio.sleep(0)
                for message in "abc":
                    session.send(message)
                ended = await asyncio.gather(*waits, return_exceptions=True)
                assert [type(one) for one in ended] == [asyncio.CancelledError] * 3
                assert [await session.recv() for _ in range(3)] == ["a", "b", "c"]

    run(main)


def test_a_recv_that_times_out_from_outside_takes_nothing(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await session.recv(timeout=None)
            session.send("x")
            assert await session.recv() == "x"

    run(main)


def test_nothing_in_time(server: WebsocketsServer, run: Run) -> None:
    async def main() -> None:
        async with ws.aopen(server.url("/ws-listen"), recv_timeout="20ms") as session:
            with pytest.raises(k6ws.RecvTimeout):
                await session.recv()
            assert await session.recv(timeout=0, default=7) == 7
            assert await session.expect("x", timeout="5ms") is None
            with pytest.raises(TypeError, match="no unit"):
                await session.recv(timeout=1)  # type: ignore[arg-type]

    run(main)


def test_iteration_ends_with_the_session(run: Run) -> None:
    said = b"".join(frames.text(str(number)) for number in range(5)) + frames.close(1000)

    async def main() -> None:
        async with ws.aopen(server.url()) as session:
            assert [message async for message in session] == ["0", "1", "2", "3", "4"]
            assert [message async for message in session] == []

    with ScriptedServer([upgrade(then=said), read_to_end]) as server:
        run(main)


def test_handlers_may_be_coroutines_and_wait_for_messages(echo: _core.EchoServer, run: Run) -> None:
    story: list[str] = []

    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            over = asyncio.Event()

            @session.on("message")
            async def _(message: str) -> None:
                session.send("inner")
                story.append(f"{message}, {await session.recv('inner')}")
                if message == "2":
                    over.set()

            session.send("1")
            session.send("2")
            await over.wait()
        assert story == ["1, inner", "2, inner"]

    run(main)


def test_python_matchers_run_where_handlers_do(echo: _core.EchoServer, run: Run) -> None:
    loops: set[object] = set()

    def match(message: str) -> bool:
        loops.add(asyncio.get_running_loop())
        return message == "b"

    async def main() -> None:
        async with ws.aopen(echo.url()) as session:
            session.send("a")
            session.send("b")
            assert await session.recv(match) == "b"
            session.send("x")
            with pytest.raises(ZeroDivisionError):
                await session.recv(lambda _: 1 / 0)
            assert [await session.recv(), await session.recv()] in (["a", "x"], ["x", "a"])
            assert loops == {asyncio.get_running_loop()}

    run(main)


def test_a_send_waits_for_room(run: Run) -> None:
    large = "x" * 300_000

    async def main() -> None:
        async with k6ws.tcp.aopen("127.0.0.1", server.port, max_buffered=200_000) as session:

            async def drain() -> int:
                size = 0
                while size < 10 * len(large):
                    size += len(await session.recv())
                return size

            drained = asyncio.create_task(drain())
            sends = [session.send(large) for _ in range(10)]
            await asyncio.gather(*sends)
            assert await drained == 10 * len(large)

    with TcpServer(echo) as server:
        run(main)


def test_a_send_that_finds_no_room_in_time_says_so(run: Run) -> None:
    async def silent(_reader: Any, _writer: Any) -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        session = await k6ws.tcp.aopen(
            "127.0.0.1", server.port, max_buffered=100_000, send_timeout="50ms"
        )
        sends = [session.send("x" * 100_000) for _ in range(200)]
        failed = await asyncio.gather(*sends, return_exceptions=True)
        errors = [one for one in failed if isinstance(one, k6ws.TCPError | k6ws.SessionClosed)]
        # As the sender sees it first, or the connection, which gives up as late.
        broken = [one.error if isinstance(one, k6ws.SessionClosed) else one for one in errors]
        assert len(errors) == sum(one is not None for one in failed)
        assert {getattr(one, "cause", "") for one in broken} == {"send_blocked"}
        session.close()

    with TcpServer(silent) as server:
        run(main)


def test_blocking_calls_name_what_to_write(echo: _core.EchoServer, run: Run) -> None:
    async def main() -> None:
        with pytest.raises(k6ws.K6Error, match=r"async with ws\.aopen"):
            ws.open(echo.url())
        with pytest.raises(k6ws.K6Error, match=r"async with tcp\.aopen"):
            k6ws.tcp.open("127.0.0.1", 1)

    run(main)


def test_a_blocking_session_in_asyncio_names_what_to_write(echo: _core.EchoServer) -> None:
    async def main() -> None:
        with pytest.raises(k6ws.K6Error, match=r"await session\.recv\(\)"):
            session.recv()

    with ws.open(echo.url()) as session:
        asyncio.run(main())
        session.send("x")
        assert session.recv() == "x"


def test_an_exception_in_the_block_closes_with_1001(server: WebsocketsServer, run: Run) -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            async with ws.aopen(server.url("/ws-listen")):
                raise ZeroDivisionError

    run(main)
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions[:1]] == [1001], "a Close 1001"
    )


def test_a_cancelled_block_closes_with_1001(server: WebsocketsServer, run: Run) -> None:
    async def main() -> None:
        async def speak() -> None:
            async with ws.aopen(server.url("/ws-listen")) as session:
                opened.set()
                await session.recv(timeout=None)

        opened = asyncio.Event()
        speaking = asyncio.create_task(speak())
        await opened.wait()
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking

    run(main)
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions[:1]] == [1001], "a Close 1001"
    )


def test_a_cancelled_open_leaves_no_connection(run: Run) -> None:
    async def main() -> None:
        opening = asyncio.create_task(ws.aopen(server.url()))
        await asyncio.sleep(0.02)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    with ScriptedServer([read_to_end]) as server:
        run(main)


def test_a_vu_that_is_cut_leaves_its_recv(server: WebsocketsServer) -> None:
    story: list[str] = []

    async def default() -> None:
        try:
            async with ws.aopen(server.url("/ws-listen")) as session:
                await session.recv(timeout=None)
        finally:
            story.append("finally")

    users: Any = {"executor": "constant-vus", "vus": 3, "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(default, scenarios={"users": users})
    assert result.exceptions == []
    assert story == ["finally"] * 3
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions] == [1001] * 3, "three Closes"
    )
