"""Sessions through nginx and haproxy: silence, reloads and deaths, with requests under way.

The target is ours, and says what it was asked; the proxies say how many bytes came through.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import k6ws
from interop import services
from interop.proxies import PROXIES, Proxy, Rules
from interop.services import SERVERS, Counts, Service, until
from k6ws import tcp, ws
from k6ws.correlate import by
from support.requests import ask, assert_accounts
from support.runs import run_once, total
from support.speaking import TRANSPORTS, params

VUS = 4
every_proxy = pytest.mark.parametrize("name", PROXIES)
either_transport = pytest.mark.parametrize("transport", TRANSPORTS)


class Way(NamedTuple):
    """A proxy, and the target behind it."""

    transport: str
    proxy: Proxy
    target: Service
    folder: Path

    def open(self, **how: Any) -> Any:
        """A session through the proxy."""
        return opened(self.transport, self.proxy.port, **how)


def opened(transport: str, port: int, **how: Any) -> Any:
    given = params(transport, correlate=by("/id"), **how)
    if transport == "ws":
        return ws.open(f"ws://127.0.0.1:{port}/", **given)
    return tcp.open("127.0.0.1", port, **given)


@contextmanager
def target(folder: Path, transport: str) -> Generator[Service]:
    folder.mkdir()
    command = [sys.executable, str(SERVERS / "asked.py"), transport]
    with services.program(folder, command, lambda port: {"PORT": str(port)}) as service:
        yield service


def port_of(service: Service) -> int:
    return int(service.variables["PORT"])


@contextmanager
def through(folder: Path, name: str, transport: str, **rules: str) -> Generator[Way]:
    with (
        target(folder / "target", transport) as service,
        PROXIES[name](folder, Rules(transport, port_of(service), **rules)) as proxy,
    ):
        yield Way(transport, proxy, service, folder)


def asked(transport: str, service: Service) -> Counts:
    """What a target has heard so far, by what it was asked."""
    with opened(transport, port_of(service)) as session:
        return json.loads(session.request(ask(0, "count"), "count"))["heard"]


@either_transport
@every_proxy
def test_what_a_proxy_counts_is_what_we_count(name: str, transport: str, tmp_path: Path) -> None:
    def default() -> None:
        with way.open() as session:
            for _ in range(20):
                session.request(ask(next(ids), "push", n=3), "ask")
                for _ in range(3):
                    session.recv()
            session.request_all([(ask(next(ids)), "many") for _ in range(32)])

    ids = count()
    with through(tmp_path, name, transport) as way:
        result = k6ws.run(default, vus=VUS, iterations=VUS)
        until(way.proxy.counts, {"connections": VUS})
        expected = {"connections": VUS, "bytes": total(result, "data_received")}
        assert (told := way.proxy.counts()).items() <= expected.items()
        assert "connections" in told
        assert way.target.counts() == {"push": VUS * 20, "": VUS * 32}
    assert assert_accounts(result, transport) == {}


@either_transport
@every_proxy
def test_a_session_that_is_silent_for_too_long_is_ended(
    name: str, transport: str, tmp_path: Path
) -> None:
    """By a proxy: it says nothing, and every request that is under way fails."""
    ended: list[k6ws.SessionClosed] = []

    def default() -> None:
        with way.open() as session:
            session.request(ask(0), "answered")
            under_way = [session.start(ask(number, "lose"), "lost") for number in range(1, 11)]
            with pytest.raises(k6ws.SessionClosed) as caught:
                session.recv(timeout="30s")
            ended.append(caught.value)
            for one in under_way:
                with pytest.raises(k6ws.RequestFailed, match="closed"):
                    one.wait()

    with through(tmp_path, name, transport, idle="1s") as way:
        result = run_once(default)
        assert way.target.counts() == {"": 1, "lose": 10}
    assert assert_accounts(result, transport) == {"closed": 10}
    (end,) = ended
    if transport == "ws":
        assert (end.code, end.by, getattr(end.error, "cause", "")) == (1006, "nobody", "eof")
        assert total(result, "ws_closes", code="1006") == 1
    else:
        assert (end.code, end.by, end.error) == (None, "server", None)


@either_transport
@every_proxy
def test_what_is_sent_again_and_again_keeps_a_session(
    name: str, transport: str, tmp_path: Path
) -> None:
    def default() -> None:
        with way.open() as session:
            session.every("200ms", ask(0))
            # Three times what the proxy allows, and more.
            for _ in range(16):
                assert json.loads(session.recv())["id"] == 0
            session.request(ask(1), "answered")

    with through(tmp_path, name, transport, idle="1s") as way:
        result = run_once(default)
    assert assert_accounts(result, transport) == {}


@either_transport
@every_proxy
def test_a_reload_leads_new_sessions_elsewhere_and_no_request_is_lost(
    name: str, transport: str, tmp_path: Path
) -> None:
    """The sessions that are there stay with their target."""
    moved = False

    def reload() -> None:
        nonlocal moved
        way.proxy.reload(Rules(transport, port_of(other)))
        try:
            for _ in range(500):
                with way.open() as session:
                    session.request(ask(next(ids), "new"), "new")
                if "new" in asked(transport, other):
                    break
        finally:
            moved = True

    def default() -> None:
        with way.open() as session:
            session.request(ask(next(ids)), "old")
            k6ws.barrier("open", VUS)
            if k6ws.execution.vu.id_in_test == 1:
                reload()
            while not moved:
                session.request_all([(ask(next(ids)), "old") for _ in range(8)])
            session.request(ask(next(ids)), "old")

    ids = count()
    with through(tmp_path, name, transport) as way, target(tmp_path / "other", transport) as other:
        result = k6ws.run(default, vus=VUS, iterations=VUS)
        old, new = way.target.counts(), other.counts()
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert assert_accounts(result, transport) == {}
    reqs = f"{transport}_reqs"
    assert set(new) == {"new", "count"}
    assert old[""] == total(result, reqs, name="old")
    assert old.get("new", 0) + new["new"] == total(result, reqs, name="new")
    assert new["count"] == total(result, reqs, name="count")


@either_transport
@every_proxy
def test_a_reload_that_waits_for_nobody_ends_what_is_under_way(
    name: str, transport: str, tmp_path: Path
) -> None:
    """A second after it: what is under way then fails, what is asked over new sessions does not."""

    def ask_on(session: Any) -> None:
        while True:
            session.request(ask(next(ids)), "old")

    def default() -> None:
        with way.open() as session:
            session.request(ask(next(ids)), "old")
            under_way = [session.start(ask(next(ids), "lose"), "lost") for _ in range(10)]
            k6ws.barrier("open", VUS)
            if k6ws.execution.vu.id_in_test == 1:
                way.proxy.reload(Rules(transport, port_of(way.target)))
            with pytest.raises(k6ws.RequestFailed, match="closed"):
                ask_on(session)
            for one in under_way:
                with pytest.raises(k6ws.RequestFailed, match="closed"):
                    one.wait()
        with way.open() as session:
            session.request(ask(next(ids), "new"), "new")

    ids = count()
    with through(tmp_path, name, transport, grace="1s") as way:
        result = k6ws.run(default, vus=VUS, iterations=VUS)
        heard = way.target.counts()
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert assert_accounts(result, transport) == {"closed": VUS * 11}
    made = total(result, f"{transport}_reqs", name="old")
    assert (heard["lose"], heard["new"]) == (VUS * 10, VUS)
    assert made - VUS <= heard[""] <= made


@pytest.mark.parametrize("who", ["proxy", "target"])
@either_transport
@every_proxy
def test_one_of_both_is_killed(name: str, transport: str, who: str, tmp_path: Path) -> None:
    def default() -> None:
        with way.open() as session:
            while True:
                session.request_all([(ask(next(ids)), "ask") for _ in range(8)])
                if next(rounds) == 50:
                    (way.proxy.kill if who == "proxy" else way.target.kill)()

    ids, rounds = count(), count(1)
    with through(tmp_path, name, transport) as way:
        result = k6ws.run(default, vus=3, iterations=3)
        failed = assert_accounts(result, transport)
        if who == "proxy":
            (heard,) = way.target.counts().values()
            made = total(result, f"{transport}_reqs")
            assert made - failed["closed"] <= heard <= made
    assert set(failed) == {"closed"}
    assert failed["closed"] >= 3
    assert [(one.type, one.count) for one in result.exceptions] == [("RequestFailed", 3)]
