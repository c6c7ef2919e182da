"""Metrics that answer what k6's leave open: what is open, how it ended, why it failed, what went wrong."""

from __future__ import annotations

import socket as socketlib

import pytest

import k6ws
from k6ws import _core, ws
from k6ws.websockets import WebSocket
from support.runs import run_once, total
from support.scripted import ScriptedServer, Step, fin, hang, rst, send, upgrade
from support.servers import WebsocketsServer


def test_sessions_that_are_open_are_counted_as_they_open_and_end(server: WebsocketsServer) -> None:
    """R15: the gauge."""

    def default() -> None:
        sockets = [WebSocket(server.url("/ws-echo")) for _ in range(3)]
        is_open: list[WebSocket] = []

        def opened(socket: WebSocket) -> None:
            is_open.append(socket)
            if len(is_open) == len(sockets):
                for one in sockets:
                    one.close()

        for one in sockets:
            one.onopen = lambda event: opened(event.target)

    result = run_once(default, tags={"run": "r"})
    assert dict(result.metrics["ws_active"]) == {"value": 0, "min": 0, "max": 3}
    assert [tags for tags, _ in result.series("ws_active")] == [{"run": "r"}]


@pytest.mark.parametrize(
    ("path", "code"), [("/ws-close", "1000"), ("/ws-close-invalid", "1006"), ("/ws-echo", "4001")]
)
def test_every_session_ends_with_a_code(server: WebsocketsServer, path: str, code: str) -> None:
    """R15: how many ended with which."""

    def session(socket: ws.Socket) -> None:
        socket.on("error", lambda: None)
        socket.on("open", lambda: socket.send("x"))
        if path == "/ws-echo":
            socket.on("message", lambda: socket.close(4001))

    result = run_once(lambda: ws.connect(server.url(path), session))
    [(tags, values)] = result.series("ws_closes")
    assert (tags["code"], tags["url"], values["count"]) == (code, server.url(path), 1)


def test_a_session_that_is_cut_is_counted_in_full(server: WebsocketsServer) -> None:
    cut: k6ws.Scenario = {"executor": "constant-vus", "duration": "1s", "gracefulStop": "0s"}
    result = k6ws.run(
        lambda: ws.connect(server.url("/ws-listen"), lambda socket: None), scenarios={"cut": cut}
    )
    assert total(result, "ws_sessions") == 1
    assert total(result, "ws_closes") == 1
    assert result.metrics["ws_active"].value == 0
    assert result.metrics["ws_session_duration"].max >= 900


def refused_port() -> int:
    with socketlib.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_connection_that_fails_says_why(server: WebsocketsServer) -> None:
    closed = f"ws://127.0.0.1:{refused_port()}/p?token=secret"

    told: list[tuple[str, str, int]] = []

    def default() -> None:
        for url in (closed, server.url("/status/403"), "ftp://nowhere/"):
            response = ws.connect(url, lambda socket: None)
            told.append((response.phase, response.cause, response.status))

    result = k6ws.run(default)
    assert result.exit_code == 0
    assert told == [
        ("connect", "connect_refused", 0),
        ("upgrade", "handshake_status", 403),
        ("", "url", 0),
    ]
    failed = {
        tags["error"]: (tags["url"].split("/")[-1], tags.get("status"), values["count"])
        for tags, values in result.series("ws_connect_failed")
    }
    assert failed == {
        "connect_refused": ("p", None, 1),
        "handshake_status": ("403", "403", 1),
        "url": ("", None, 1),
    }
    assert "secret" not in str(result.series("ws_sessions"))
    assert "ws_active" not in result.metrics


def test_iterations_that_an_exception_ended_are_a_rate() -> None:
    numbers = iter(range(10))

    def default() -> None:
        if next(numbers) % 5 == 0:
            raise ValueError

    limits: dict[str, list[str | k6ws.Threshold]] = {"iteration_failed": ["rate<0.1"]}
    result = k6ws.run(default, iterations=10, thresholds=limits)
    assert dict(result.metrics["iteration_failed"]) == {"rate": 0.2, "passes": 2, "fails": 8}
    assert (result.metrics["iterations"].count, result.exit_code) == (10, 99)


def test_a_token_in_each_url_makes_one_series_of_each_api(echo: _core.EchoServer) -> None:
    """R15: the core's own test has 50,000; here are more sessions than a metric may have series."""
    each = 350

    def default() -> None:
        for number in range(each):
            url = f"{echo.url()}?token={number}"
            ws.connect(url, lambda socket: socket.on("open", socket.close))
            with ws.open(url):
                pass
            socket = WebSocket(url)
            socket.onopen = lambda event: event.target.close()

    result = run_once(default)
    assert total(result, "ws_sessions") == 3 * each > 1000
    for metric in ("ws_sessions", "ws_connecting", "ws_session_duration"):
        series = result.series(metric)
        assert {tags["url"] for tags, _ in series} == {echo.url()}
        # WebSocket has the tag `name` as well.
        assert [tags.get("name", echo.url()) for tags, _ in series] == [echo.url()] * 2
    assert not result.to_dict()["run"]["warnings"]


def test_ids_in_tags_do_not_fill_the_memory() -> None:
    """R15: 1,000 series of a metric, the rest together, and a warning that says so."""
    counter = k6ws.metrics.Counter("per_user")

    def default() -> None:
        for user in range(1500):
            counter.add(1, {"user": user})

    result = run_once(default)
    series = result.series("per_user")
    assert len(series) == 1001
    assert result.metrics["per_user"].count == 1500
    [rest] = [values["count"] for tags, values in series if tags["user"] == "__other__"]
    assert rest == 500
    [warning] = result.to_dict()["run"]["warnings"]
    assert warning.startswith("metric per_user has more than 1000 time series")


def test_exceptions_fail_the_run_where_that_is_asked_for() -> None:
    def default() -> None:
        raise ValueError

    assert k6ws.run(default).exit_code == 0
    assert k6ws.run(default, failOnExceptions=True).exit_code == 107
    crossed = k6ws.run(default, failOnExceptions=True, thresholds={"iterations": ["count<1"]})
    assert crossed.exit_code == 107
    assert k6ws.run(lambda: None, fail_on_exceptions=True).exit_code == 0


@pytest.mark.parametrize(
    ("steps", "cause", "code"),
    [
        ([fin], "eof", "1006"),
        ([rst], "reset", "1006"),
        ([send(b"\x83\x00")], "protocol", "1002"),
        ([send(b"\x81\x01\xff")], "utf8", "1007"),
        ([send(b"\x82\x40" + bytes(64))], "too_big", "1009"),
        ([hang], "close_timeout", "1006"),
    ],
)
def test_a_session_that_broke_says_why(steps: list[Step], cause: str, code: str) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("error", lambda: None)
        if cause == "close_timeout":
            socket.on("open", lambda: socket.close())

    with ScriptedServer([upgrade(), *steps]) as server:
        url = server.url("/p")
        result = run_once(lambda: ws.connect(url, session, close_timeout=100, max_message_size=50))
    [(tags, _)] = result.series("ws_closes")
    assert (tags["code"], tags.get("error_code")) == (code, cause)
    [failure] = result.to_dict()["run"]["session_failures"]
    assert (failure["cause"], failure["count"]) == (cause, 1)
    assert failure["message"].startswith(url)
    assert result.to_dict()["run"]["connection_failures"] == []


def test_a_session_that_ended_well_has_no_error_code(server: WebsocketsServer) -> None:
    result = run_once(lambda: ws.connect(server.url("/ws-close"), lambda socket: None))
    [(tags, _)] = result.series("ws_closes")
    assert "error_code" not in tags
    assert result.to_dict()["run"]["session_failures"] == []
