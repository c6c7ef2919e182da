"""Thirty-odd more, of whoever knows k6ws and is in a hurry."""

# A line may be long: each mistake is on one.
# fmt: off

from __future__ import annotations

import asyncio

import k6ws
from k6ws import Options, Params, Scenario, Threshold, Tls, check, tcp, testing, ws
from k6ws.websockets import WebSocket

URL = "ws://127.0.0.1:8765/"

ramp: Scenario = {"executor": "ramping-vus", "vus": 5, "stages": []}  # error: it has startVUs
rate: Scenario = {"executor": "constant-arrival-rate", "duration": "1s", "preAllocatedVUs": 1}  # error
text: Scenario = {"executor": "ramping-vus", "stages": "10s:5"}  # error: only flags say it so
missing: Scenario = {"vus": 1, "duration": "1s"}  # error: no executor
number: Options = {"scenarios": {"a": {"executor": "shared-iterations", "env": {"N": 1}}}}  # error: not text
unit: Options = {"summaryTimeUnit": "m"}  # error: s, ms or us
words: Options = {"summary_trend_stats": "p(99)"}  # error: a list
version: Options = {"tlsVersion": "tls12"}  # error: tls1.2
dns: Options = {"dns": {"policy": "ipv4"}}  # error: onlyIPv4
threshold: Threshold = {"abort_on_fail": True}  # error: it has no threshold
no_text: Options = {"thresholds": {"checks": [0.9]}}  # error: an expression is text
no_flag: Options = {"throw": "yes"}  # error: True or False
tls: Tls = {"cipher_suits": []}  # error: misspelled
params: Params = {"keepAlive": {"intervall": "30s"}}  # error: misspelled
proxy: Params = {"proxy_protocol": "v3"}  # error: v1 or v2


def print_code(code: int) -> None:
    """A handler of `close`."""
    print(code)


async def three(_one: str, _two: str, _three: str) -> None:
    """Nothing brings as much."""
    await asyncio.sleep(0)


class User:
    """A script may keep its handlers in one."""

    def closed(self, code: int, reason: str) -> None:
        """As sessions tell it."""
        print(self, code, reason)


def handlers(socket: ws.Socket) -> None:
    socket.on("message", print_code)  # error: it is text
    socket.on("message", three)  # error: three arguments
    socket.on("close", User().closed)  # error: ws tells the code alone
    socket.on("message", 5)  # error: nothing to call
    socket.on("message")(print_code)  # error: it is text
    socket.on("open")(print_code)  # error: open brings nothing
    socket.set_timeout(print_code, 1000)  # error: nobody gives it a code


def websocket(socket: WebSocket) -> None:
    socket.add_event_listener("massage", print)  # error: no such event
    socket.add_event_listener("close", lambda event: event.cod)  # error: misspelled
    socket.add_event_listener("message", lambda event, data: data)  # error: the event alone
    socket.onclose = lambda event: event.was_claen  # error: misspelled
    socket.binary_type = "bytes"  # error: blob or arraybuffer


def raw(socket: tcp.Socket) -> None:
    socket.on("message", print)  # error: the event is data
    socket.on("error", lambda error: error.detail)  # error: no such attribute
    socket.connect(9000, "localhost", tls={"ca_file": "ca.pem"})  # error: ca
    socket.write("hello", {"encodng": "hex"})  # error: misspelled
    tcp.open(9000, "127.0.0.1")  # error: the host comes first


def sessions() -> None:
    with ws.open(URL, recv_timeout=5) as session:  # error: 5 of what?
        session.recv(timeout=0.5)  # error: seconds or milliseconds?
        session.on("close", lambda a, b, c: None)  # error: code and reason
        session.sennd("hello")  # error: misspelled
    with ws.open(URL, {"on_opn": print}):  # error: misspelled
        pass


def program(result: k6ws.Result) -> None:
    k6ws.run("a.py", scenarios={"a": {"executor": "per-vu-iterations", "iteration": 1}})  # error
    print(result.metrics["iterations"].cuont)  # error: misspelled
    print(result.metrics["checks"].avg)  # error: a rate has none
    print(result.metrics["answer_time"].mde)  # error: no metric has such a figure
    print(result.pased)  # error: misspelled
    check(7, {"is odd": lambda n: n.imagg})  # error: misspelled
    check("text", [lambda text: text.decode()])  # error: it is text


def test_run(k6ws_run: testing.RunFixture, k6ws_compare: testing.CompareFixture) -> None:
    k6ws_run("a.py", vuss=1)  # error: misspelled
    k6ws_run("a.py", env={"N": 1})  # error: variables are texts
    k6ws_compare("ws://a", "ws://b", script="a.py", atmost=0.1)  # error: misspelled
    testing.once("a.py", vars={"URL": URL})  # error: env
