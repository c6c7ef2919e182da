"""Timers of a socket: in milliseconds, fixed-rate, and gone with the session."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import Any

import pytest

from k6ws import K6Error, ws
from support.runs import STATE, assert_session_metrics, run_once, session_in_run
from support.servers import WebsocketsServer
from support.transcript import Transcript


def close_on_third_tick(socket: ws.Socket, ticks: list[float], period: float) -> None:
    started = time.monotonic()

    def tick() -> None:
        ticks.append((time.monotonic() - started) * 1000)
        if len(ticks) == 3:
            socket.close()

    socket.set_interval(tick, period)


@pytest.mark.parity("ws-interval-ticks")
def test_an_interval_ticks_until_the_socket_is_closed(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")
    ticks: list[float] = []
    _, result = session_in_run(url, lambda socket: close_on_third_tick(socket, ticks, 100))
    assert len(ticks) == 3
    assert all(tick >= 100 * (n + 1) - 1 for n, tick in enumerate(ticks))
    assert_session_metrics(result, url)


@pytest.mark.parity("ws-interval-may-be-a-fraction")
def test_an_interval_may_be_a_fraction_of_a_millisecond(server: WebsocketsServer) -> None:
    ticks: list[float] = []
    ws.connect(server.url("/ws-echo"), lambda socket: close_on_third_tick(socket, ticks, 0.3))
    assert len(ticks) == 3


@pytest.mark.parity("ws-timeout-fires-after-its-delay")
def test_a_timeout_fires_once_after_its_delay(server: WebsocketsServer) -> None:
    transcript = Transcript()
    started = time.monotonic()

    def session(socket: ws.Socket) -> None:
        socket.set_timeout(lambda: (transcript.note("timeout"), socket.close()), 500)

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert 0.5 <= time.monotonic() - started < 3
    assert transcript.events == [("open",), ("timeout",), ("close", 1001)]


@pytest.mark.parity("ws-interval-must-be-positive")
@pytest.mark.parametrize("method", ["set_interval", "set_timeout"])
@pytest.mark.parametrize(
    ("delay", "written"), [((-1.23,), "-1.23"), ((0,), "0.00"), ((math.nan,), "NaN"), ((), "0.00")]
)
def test_a_delay_must_be_positive(
    server: WebsocketsServer, method: str, delay: tuple[float, ...], written: str
) -> None:
    name = {"set_interval": "setInterval", "set_timeout": "setTimeout"}[method]
    texts: list[str] = []

    def session(socket: ws.Socket) -> None:
        timer: Any = getattr(socket, method)
        with pytest.raises(K6Error) as caught:
            timer(lambda: None, *delay)
        texts.append(str(caught.value))
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    assert len(texts) == 1
    assert texts[0].startswith(f"{name} requires a >0 timeout parameter, received {written}")


@pytest.mark.parity("ws-timeout-must-be-positive")
def test_a_refused_timer_ends_the_session_but_not_its_metrics(server: WebsocketsServer) -> None:
    url = server.url("/ws-echo")

    def default() -> None:
        with pytest.raises(K6Error) as caught:
            ws.connect(url, lambda socket: socket.set_timeout(lambda: None, 0))
        text = "setTimeout requires a >0 timeout parameter, received 0.00"
        assert str(caught.value).startswith(text)

    result = run_once(default, **STATE)
    assert_session_metrics(result, url)
    assert server.journal.session().close_code == 1001


@pytest.mark.parametrize("callback", [None, 5, "text"])
@pytest.mark.parametrize("method", ["set_interval", "set_timeout"])
def test_a_callback_must_be_callable(server: WebsocketsServer, method: str, callback: Any) -> None:
    def session(socket: ws.Socket) -> None:
        with pytest.raises(TypeError):
            getattr(socket, method)(callback, 10)
        socket.close()

    assert ws.connect(server.url("/ws-echo"), session).status == 101


def test_timers_return_nothing(server: WebsocketsServer) -> None:
    returned: list[object] = []

    def session(socket: ws.Socket) -> None:
        loose: Any = socket
        returned.append(loose.set_timeout(lambda: None, 1))
        returned.append(loose.set_interval(lambda: None, 1))
        socket.close()

    ws.connect(server.url("/ws-echo"), session)
    assert returned == [None, None]


@pytest.mark.parametrize("delay", ["30ms", "0.03s", timedelta(milliseconds=30), 30, 30.0])
def test_a_delay_may_be_written_in_every_form_of_a_duration(
    server: WebsocketsServer, delay: str | float | timedelta
) -> None:
    started = time.monotonic()
    ws.connect(server.url("/ws-echo"), lambda socket: socket.set_timeout(socket.close, delay))
    assert 0.03 <= time.monotonic() - started < 2


def test_timers_fire_in_order_of_their_deadlines_and_only_after_open(
    server: WebsocketsServer,
) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.set_timeout(lambda: transcript.note("60 ms"), 60)
        socket.set_timeout(lambda: transcript.note("1 ms"), 1)
        socket.set_timeout(socket.close, 90)
        socket.set_timeout(
            lambda: socket.set_timeout(lambda: transcript.note("5 ms, then 20 ms"), 20), 5
        )

    ws.connect(server.url("/ws-echo"), transcript.before(session))
    assert transcript.events == [
        ("open",),
        ("1 ms",),
        ("5 ms, then 20 ms",),
        ("60 ms",),
        ("close", 1001),
    ]


def test_pending_timers_are_dropped_with_the_session(server: WebsocketsServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.set_timeout(lambda: transcript.note("never"), 60)
        socket.set_interval(lambda: transcript.note("never"), 70)
        socket.set_timeout(socket.close, 20)

    def afterwards(socket: ws.Socket) -> None:
        socket.set_timeout(socket.close, 150)  # long enough for a left-over timer to fire

    url = server.url("/ws-echo")
    ws.connect(url, transcript.before(session))
    ws.connect(url, afterwards)
    assert transcript.events == [("open",), ("close", 1001)]


def test_a_timer_set_after_close_never_fires(server: WebsocketsServer) -> None:
    transcript = Transcript()

    def session(socket: ws.Socket) -> None:
        socket.on("close", lambda: socket.set_timeout(lambda: transcript.note("never"), 1))
        socket.close()

    url = server.url("/ws-echo")
    ws.connect(url, transcript.before(session))
    ws.connect(url, lambda socket: socket.set_timeout(socket.close, 30))
    assert transcript.events == [("close", 1001)]


def test_late_ticks_coalesce_into_one_and_the_rate_stays_fixed(server: WebsocketsServer) -> None:
    ticks: list[float] = []

    def session(socket: ws.Socket) -> None:
        started = time.monotonic()

        def tick() -> None:
            ticks.append((time.monotonic() - started) * 1000)
            if len(ticks) == 1:
                time.sleep(0.5)  # the slow handler: the ticks of 400 and 600 ms come due

        socket.set_interval(tick, 200)
        socket.set_timeout(socket.close, 1100)

    ws.connect(server.url("/ws-echo"), session)
    assert len(ticks) == 4
    assert 200 <= ticks[0] < 290
    assert 700 <= ticks[1] < 790  # one tick for the two that were missed, at once
    assert 799 <= ticks[2] < 890  # back on the grid, not 200 ms after the late one
    assert 999 <= ticks[3] < 1090
