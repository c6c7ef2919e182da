"""Thirty mistakes of a newcomer: each line with a mark is refused by both checkers, and no other."""

# A line may be long: each mistake is on one.
# fmt: off

from __future__ import annotations

import k6ws
from k6ws import Options, check, execution, sleep, tcp, timers, websockets, ws
from k6ws.metrics import Counter, Trend
from k6ws.websockets import WebSocket

URL = "ws://127.0.0.1:8765/"
answer_time = Trend("answer_time", is_time=True)

# Options of a script.
vus: Options = {"vuss": 10}  # error: misspelled
duration: Options = {"duration": ["30s"]}  # error: a list
bare: Options = {"thresholds": {"checks": "rate>0.9"}}  # error: k6 wants a list
abort: Options = {"thresholds": {"checks": [{"threshold": "rate>0", "abortOnFial": True}]}}  # error
key: Options = {"scenarios": {"a": {"executor": "constant-vus", "durration": "1s"}}}  # error: misspelled
executor: Options = {"scenarios": {"a": {"executor": "constant-vu", "duration": "1s"}}}  # error: misspelled
stage: Options = {"stages": [{"duration": "10s", "targets": 5}]}  # error: a stage has a target


def handlers(socket: ws.Socket) -> None:
    socket.on("mesage", lambda: None)  # error: no such event
    socket.on("open", lambda event: None)  # error: open brings nothing
    socket.on("close", lambda code, reason: None)  # error: ws tells the code alone
    socket.on("message", lambda text: text.decode())  # error: it is text
    socket.on("binaryMessage", lambda data: data.encode())  # error: it is bytes
    socket.on("error", lambda error: error.mesage)  # error: an error has no such attribute
    socket.send({"id": 1})  # error: text or a number
    socket.set_timout(socket.close, 1000)  # error: misspelled
    socket.set_interval(1000, socket.ping)  # error: the function comes first
    socket.close("bye")  # error: a code is a number


def connections() -> None:
    ws.connect(URL, {"heders": {"X-User": "ann"}}, handlers)  # error: misspelled
    ws.connect(URL, handlers, timeot="5s")  # error: misspelled
    ws.connect(URL, handlers, compression="gzip")  # error: deflate is all there is
    ws.connect(URL, handlers, tls={"insecure": True})  # error: no such key
    response = ws.connect(URL, handlers)
    check(response, {"status": lambda r: r.statuss == 101})  # error: misspelled
    check(response, lambda r: r.status == 101)  # error: checks have names
    tcp.Socket(timeot="5s")  # error: misspelled
    tcp.Socket().connect("127.0.0.1", 9000)  # error: the port comes first
    WebSocket(URL).onmessage = lambda event: event.dta  # error: misspelled
    sleep([1])  # error: a list


def program(result: k6ws.Result) -> None:
    k6ws.run("script.py", vuss=1)  # error: misspelled
    assert result.metrics["ws_req_duration"].mde < 5  # error: misspelled
    answer_time.ad(5)  # error: misspelled


USED = (execution, timers, websockets, Counter)
