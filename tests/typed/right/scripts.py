"""What scripts rightly write, typed: neither checker has a word to say against any of it."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from functools import partial
from typing import Any, assert_type

import k6ws
from k6ws import Options, Params, Scenario, Stage, Threshold, Tls, check, env, tcp, think, ws
from k6ws.correlate import by
from k6ws.framing import lines
from k6ws.match import has
from k6ws.metrics import Counter, Rate, Trend
from k6ws.websockets import CloseEvent, Event, MessageEvent, WebSocket

URL = env.get("URL", "ws://127.0.0.1:8765/")
heard: list[str] = []
answer_time = Trend("answer_time", is_time=True)
sent, fine = Counter("sent"), Rate("fine")

# Options, in either spelling.
plain: Options = {"vus": 10, "duration": "30s", "thresholds": {"checks": ["rate>0.9"]}}
pasted: Options = {"noSetup": True, "summaryTrendStats": ["p(99)"], "tlsVersion": {"min": "tls1.2"}}
ours: Options = {"no_setup": True, "summary_trend_stats": ["p(99)"], "tls_version": "tls1.3"}
from_variables: Options = {"vus": env.get("VUS", "10"), "duration": 1500}
gate: Threshold = {"threshold": "rate>0.9", "abortOnFail": True, "delayAbortEval": "10s"}
gates: Options = {"thresholds": {"checks": ["rate>0.8", gate], "ws_req_duration{name:ask}": []}}
stages: list[Stage] = [{"duration": "10s", "target": n} for n in range(5)]
ramp: Options = {"stages": [*stages, {"duration": 500, "target": 0}]}
scenarios: dict[str, Scenario] = {
    "shared": {"executor": "shared-iterations", "vus": 2, "iterations": 10, "maxDuration": "1m"},
    "each": {"executor": "per-vu-iterations", "vus": 2, "iterations": 10, "max_duration": "1m"},
    "constant": {"executor": "constant-vus", "vus": 2, "duration": "10s", "exec": "chat"},
    "ramp": {"executor": "ramping-vus", "startVUs": 0, "stages": stages, "gracefulRampDown": 0},
    "rate": {
        "executor": "constant-arrival-rate",
        "rate": 100,
        "timeUnit": "1s",
        "duration": "10s",
        "preAllocatedVUs": 10,
        "maxVUs": 20,
        "env": {"WORD": "hello"},
        "tags": {"kind": "probe"},
    },
    "rising": {
        "executor": "ramping-arrival-rate",
        "start_rate": 1,
        "pre_allocated_vus": 10,
        "stages": stages,
        "start_time": "5s",
        "vu_start": "log_in",
    },
}
options: Options = {"scenarios": scenarios, "hosts": {"a.test": "127.0.0.1"}, "dns": "ttl=0"}
tls: Tls = {"ca": ["ca.pem"], "serverName": "a.test", "insecureSkipTLSVerify": False}
params: Params = {"headers": {"X-User": "ann"}, "tls": tls, "closeTimeout": timedelta(seconds=2)}


async def heard_later(text: str) -> None:
    """Take a message in a coroutine."""
    await asyncio.sleep(0)
    heard.append(text)


def named(name: str, text: str) -> None:
    """Take a message, by a name that `partial` gives."""
    print(name, text)


class User:
    """A user who keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear(self, text: str) -> None:
        """Take a message."""
        self.heard.append(text)

    async def leave(self) -> None:
        """Take the end of a session."""
        await asyncio.sleep(0)

    def __call__(self, text: str) -> None:
        """Take a message as well."""
        self.heard.append(text)


def session(socket: ws.Socket) -> None:
    """Register handlers of every kind."""
    user = User()
    socket.on("open", lambda: socket.send("hello"))
    socket.on("message", lambda text: socket.send(text.upper()))
    socket.on("message", lambda: None)
    socket.on("message", print)
    socket.on("message", heard.append)
    socket.on("message", partial(named, "ann"))
    socket.on("message", user.hear)
    socket.on("message", user)
    socket.on("message", heard_later)
    socket.on("message", json.loads)
    socket.on("binaryMessage", lambda data: print(data.hex()))
    socket.on("binary_message", bytearray().extend)
    socket.on("close", lambda code: print(code + 1))
    socket.on("close", user.leave)
    socket.on("error", lambda error: print(error.error(), error.hint))
    socket.set_timeout(socket.close, "1.5s")
    socket.set_interval(socket.ping, 1000)
    socket.setInterval(lambda: socket.sendBinary(b"1"), timedelta(seconds=1))
    socket.correlate(by("/id"), timeout="2s")
    for event in ("open", "ping", "pong"):
        socket.on(event, lambda: None)

    @socket.on("open")
    def _() -> None:
        socket.send(5)

    @socket.on("message")
    async def _(text: str) -> None:
        await heard_later(text)

    @socket.on("close")
    def closed(code: int = 1000) -> None:
        print(code)

    closed()


def default() -> None:
    """Connect in the ways of `ws`."""
    response = ws.connect(URL, session)
    ws.connect(URL, lambda socket: socket.on("open", socket.close))
    ws.connect(URL, {"tags": {"kind": "chat"}, "compression": "deflate"}, session)
    ws.connect(
        URL, params, session, timeout="5s", subprotocols=["chat"], keep_alive={"interval": "30s"}
    )
    ws.connect(URL, session, compression={"level": 6, "serverMaxWindowBits": 12}, proxy=None)
    check(response, {"status is 101": lambda r: r.status == 101, "is fast": response.status < 200})
    check(response.body, {"has a name": re.search("name", response.body), "is long": response.body})
    check(response, {"has headers": lambda r: "Upgrade" in r.headers}, {"kind": "chat", "round": 1})
    check([1, 2], [lambda numbers: len(numbers) == 2, True])
    check(None, {"is nothing": lambda: True})
    answer_time.add(12.5, {"kind": "login"})
    sent.add(1)
    fine.add(True)


def sessions() -> None:
    """Speak on sessions."""
    with ws.open(URL, params, recv_timeout="2s", codec="json", correlate=by("/id")) as chat:
        chat.send({"id": 1})
        chat.on("message", print)
        chat.on("close", lambda code, reason: print(code + 1, reason.upper()))
        chat.on("close", lambda code: print(code + 1))
        chat.on("close", lambda: None)
        chat.on("error", lambda error: print(error.hint))
        chat.recv(timeout=0)
        chat.request({"id": 2}, "ask", check=has("/text"), timeout=timedelta(seconds=1))
        reply = assert_type(chat.start({"id": 3}, "ask"), k6ws.Reply)
        reply.wait()
    with tcp.open(
        "127.0.0.1", 9000, framing=lines(), closeTimeout="1s", tls={"ca": "ca.pem"}
    ) as mail:
        mail.on("data", lambda data: print(data))


def browser() -> None:
    """Listen as browsers do."""
    socket = WebSocket(URL, ["chat"], params, idle_timeout="10s")

    def opened(event: Event) -> None:
        socket.send(f"hello at {event.timestamp}")

    def message(event: MessageEvent) -> Any:
        return event.data

    async def closed(event: CloseEvent) -> None:
        await asyncio.sleep(event.code)

    socket.onopen = opened
    socket.onmessage = lambda event: print(event.data)
    socket.onmessage = message
    socket.onerror = lambda event: print(event.error)
    socket.onclose = closed
    socket.onping = None
    socket.onpong = print
    socket.onpong = lambda: None
    socket.add_event_listener("open", opened)
    socket.add_event_listener("message", lambda event: print(event.data))
    socket.addEventListener("close", lambda event: print(event.code, event.wasClean))
    socket.add_event_listener("error", print)
    socket.remove_event_listener("open", opened)


def raw() -> None:
    """Speak plain TCP."""
    socket = tcp.Socket({"tags": {"kind": "probe"}}, no_delay=True)
    socket.on("data", lambda data: print(data))
    socket.on("data", heard.append)
    socket.on("error", lambda error: print(error.hint))
    socket.on("close", None)
    connecting: k6ws.Operation[None] = socket.connect(9000, "127.0.0.1", tls=True)
    connecting.wait()
    socket.connect({"port": 9000, "host": "127.0.0.1", "readBufferSize": 1024})
    socket.connect("unix:/run/a.sock")
    socket.write("VENQIQ==", {"encoding": "base64"}).wait()

    @socket.on("timeout")
    def _() -> None:
        socket.destroy()


async def coroutine() -> None:
    """Speak in a coroutine."""
    async with ws.aopen(URL, on_open=lambda session: session.send("ann")) as chat:
        await chat.send("hello")
        await think("5ms", "15ms")
    await ws.aconnect(URL, session, tls={"insecure_skip_tls_verify": True})
