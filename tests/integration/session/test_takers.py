"""Who gets a message: whoever waits, in the order of their calls; then handlers; then the inbox. Once."""

from __future__ import annotations

import re
from typing import Any

import pytest

import k6ws
from k6ws import _core, execution, ws
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_to_end, upgrade
from support.servers import WebsocketsServer


def said(*messages: str) -> ScriptedServer:
    """A server that says these behind its 101, and nothing more."""
    return ScriptedServer([upgrade(then=b"".join(map(frames.text, messages))), read_to_end])


def ends_with_2(message: str) -> bool:
    return message.endswith("2")


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("b2", "b2"),
        (re.compile(r"^b\d"), "b1"),
        (ends_with_2, "a2"),
        ({"/id": 7}, '{"id": 7}'),
    ],
)
def test_the_others_stay_in_order(match: Any, found: str) -> None:
    messages = ["a1", "b1", "a2", "b2", '{"id": 7}']
    with said(*messages) as server, ws.open(server.url()) as session:
        assert session.recv(match) == found
        messages.remove(found)
        assert [session.recv() for _ in messages] == messages


def test_what_is_no_matcher_is_refused(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        with pytest.raises(TypeError):
            session.recv(7)  # type: ignore[arg-type]
        with pytest.raises(k6ws.InvalidParameter):
            session.recv(re.compile(r"(?<!a)b"))


def test_a_matcher_that_raises_takes_nothing() -> None:
    def fails(message: str) -> bool:
        raise LookupError(message)

    with said("one") as server, ws.open(server.url()) as session:
        while not len(session._source.inbox):
            k6ws.sleep(0.001)
        with pytest.raises(LookupError, match="one"):
            session.recv(fails)
        assert session.recv() == "one"


def test_a_matcher_that_raises_while_somebody_waits_takes_nothing(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        session.send("one")
        with pytest.raises(ZeroDivisionError):
            session.recv(lambda _: 1 / 0)
        assert session.recv() == "one"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_matcher_may_not_wait(echo: _core.EchoServer, *, is_there: bool) -> None:
    def waits(_message: str) -> bool:
        k6ws.sleep(0.01)
        return True

    with ws.open(echo.url()) as session:
        session.send("one")
        while is_there and not len(session._source.inbox):
            k6ws.sleep(0.001)
        with pytest.raises(k6ws.K6Error, match="must not wait"):
            session.recv(waits)
        assert session.recv() == "one"
        k6ws.sleep(0.001)  # the point: outside of a matcher it may


def test_a_matcher_sees_the_vu_that_waits(echo: _core.EchoServer) -> None:
    seen: set[tuple[int, int]] = set()

    def default() -> None:
        mine = execution.vu.id_in_test

        def match(message: str) -> bool:
            seen.add((mine, execution.vu.id_in_test))
            return message == str(mine)

        with ws.open(echo.url()) as session:
            for _ in range(5):
                session.send(str(mine))
                session.recv(match)

    k6ws.run(default, vus=3, iterations=6)
    assert {one for one, other in seen if one == other} == {one for one, _ in seen}
    assert all(one == other for one, other in seen)


def test_first_come_first_served_and_each_what_fits(echo: _core.EchoServer) -> None:
    """Two VUs wait on the session of one of them."""
    shared: list[ws.Session] = []
    got: dict[int, list[str]] = {1: [], 2: []}

    def default() -> None:
        me = execution.vu.id_in_test
        if me == 1:
            with ws.open(echo.url()) as session:
                shared.append(session)
                while not session._source._waits:
                    k6ws.sleep(0.001)
                for number in range(10):
                    session.send(f"{number % 2}: {number}")
                got[1] += [session.recv(re.compile("^0")) for _ in range(5)]
                while len(got[2]) < 5:
                    k6ws.sleep(0.001)
        else:
            while not shared:
                k6ws.sleep(0.001)
            for _ in range(5):
                got[2].append(shared[0].recv(re.compile("^1"), timeout="2s"))

    result = k6ws.run(default, vus=2, iterations=2)
    assert result.exceptions == []
    assert got == {
        1: [f"0: {number}" for number in range(0, 10, 2)],
        2: [f"1: {number}" for number in range(1, 10, 2)],
    }


def test_handlers_get_what_nobody_waits_for_when_the_vu_accepts_it(echo: _core.EchoServer) -> None:
    story: list[str] = []

    def default() -> None:
        session = ws.open(echo.url())

        def heard(message: str) -> None:
            story.append(message)
            if message == "last":
                session.close()

        session.send("early")
        while not len(session._source.inbox):
            k6ws.sleep(0.001)
        session.on("message", heard)
        for message in ("a", "wanted", "b"):
            session.send(message)
        assert session.recv("wanted") == "wanted"
        assert story == [], "the function has not returned"
        story.append("returned")
        session.send("last")

    run_once(default)
    assert story == ["returned", "early", "a", "b", "last"]


def test_pings_pongs_and_ends_are_told(server: WebsocketsServer) -> None:
    story: list[Any] = []

    def default() -> None:
        session = ws.open(server.url("/ws-ping-echo"))

        @session.on("ping")
        def _() -> None:
            story.append("ping")
            session.close(4001, "enough")

        session.on("close", lambda code, reason: story.append((code, reason)))
        session.on("error", story.append)

    run_once(default)
    assert story == ["ping", (4001, "enough")]


def test_an_event_that_does_not_exist_is_refused(echo: _core.EchoServer) -> None:
    with ws.open(echo.url()) as session:
        with pytest.raises(k6ws.InvalidParameter, match="no event 'opened'") as caught:
            session.on("opened", print)  # type: ignore[call-overload]
        assert "message" in caught.value.hint
        with pytest.raises(TypeError, match="not callable"):
            session.on("message", 7)  # type: ignore[call-overload]


def test_a_handler_that_raises_ends_the_iteration_and_closes(server: WebsocketsServer) -> None:
    def default() -> None:
        session = ws.open(server.url("/ws-push"))
        session.on("message", lambda message: 1 / 0)

    result = k6ws.run(default, iterations=1)
    assert [error.type for error in result.exceptions] == ["ZeroDivisionError"]
    server.journal.wait_until(
        lambda: [one.close_code for one in server.journal.sessions[:1]] == [1001], "a Close 1001"
    )


def test_an_expectation_is_a_check(echo: _core.EchoServer) -> None:
    def default() -> None:
        with k6ws.group("chat"), ws.open(echo.url()) as session:
            session.send("hello")
            assert session.expect("hello", "greets") == "hello"
            assert session.expect("hello", timeout="10ms") is None
            with pytest.raises(TypeError, match="a name"):
                session.expect(lambda _: True)
            with pytest.raises(k6ws.K6Error, match="::"):
                session.expect("hello", "a::b")
            session.send("x")
            with pytest.raises(ZeroDivisionError):
                session.expect(lambda _: 1 / 0, "divides")

    result = run_once(default)
    found = {name: (check.passes, check.fails) for name, check in result.checks.items()}
    assert found == {"greets": (1, 0), "equals('hello')": (0, 1), "divides": (0, 1)}


def test_messages_of_one_reader_keep_the_order_of_the_wire(server: WebsocketsServer) -> None:
    def default() -> None:
        with ws.open(server.url("/ws-echo-multi")) as session:
            for number in range(200):
                session.send(str(number))
            for number in range(200):
                if number % 3 == 0:
                    k6ws.sleep(0)
                assert session.recv() == str(number)

    run_once(default)
