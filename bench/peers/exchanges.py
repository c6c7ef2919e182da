"""What conversations cost, in this process: `exchanges.py MODE URL CONNS EXCHANGES`.

| mode | what every virtual user does on its connection |
| --- | --- |
| `request` | asks and waits, one request after the other, replies known by a JSON key |
| `start` | the same with 32 under way |
| `callback`, `correlate` | the handler of a message sends the next; the second measures each pair |
| `ignore` | a rule skips all that a server pushes, until it has pushed all |
| `auto` | a rule answers each message, and with it makes the next |
| `memory` | makes all requests at once, of a server that never answers |

Prints the CPU microseconds of an exchange, from when all connections are open until the last is done with, of
`ignore` and `auto`, which do not end by themselves, in all the run; of `memory` the bytes of a request.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from memory import rss_kib

import k6ws
from k6ws import barrier, match, ws
from k6ws.correlate import by

UNDER_WAY = 32
SECONDS = 2
ECHO = "x" * 64


class Window:
    """From the first begun to the last done."""

    began = ended = 0.0
    exchanges = 0
    figure = 0.0


def begin(conns: int) -> None:
    barrier("open", conns)
    Window.began = Window.began or time.process_time()


def done(exchanges: int) -> None:
    Window.exchanges += exchanges
    Window.ended = time.process_time()


def message(number: int) -> str:
    return f'{{"id":{number},"text":"hello, this is a message of 64 bytes"}}'


def asking(url: str, conns: int, each: int) -> Callable[[], None]:
    def default() -> None:
        with ws.open(url, correlate=by("/id"), recv_timeout="60s") as session:
            begin(conns)
            for number in range(each):
                session.request(message(number), "asked")
            done(each)

    return default


def starting(url: str, conns: int, each: int) -> Callable[[], None]:
    def default() -> None:
        with ws.open(url, correlate=by("/id"), recv_timeout="60s") as session:
            begin(conns)
            replies = [session.start(message(number), "begun") for number in range(UNDER_WAY)]
            for number in range(UNDER_WAY, each, UNDER_WAY // 2):
                for reply in replies[: UNDER_WAY // 2]:
                    reply.wait()
                more = range(number, min(each, number + UNDER_WAY // 2))
                replies = replies[UNDER_WAY // 2 :]
                replies += [session.start(message(one), "begun") for one in more]
            for reply in replies:
                reply.wait()
            done(each)

    return default


def calling(url: str, conns: int, each: int, *, is_measured: bool) -> Callable[[], object]:
    opened: list[ws.Socket] = []

    def session(socket: ws.Socket) -> None:
        sent = 0

        def send() -> None:
            nonlocal sent
            if sent == each:
                done(each)
                socket.close()
                return
            sent += 1
            socket.send(message(sent))

        def on_open() -> None:
            opened.append(socket)
            if len(opened) == conns:
                Window.began = time.process_time()
                for one in opened:
                    one.send(message(0))

        if is_measured:
            socket.correlate(by("/id"))
        socket.on("open", on_open)
        socket.on("message", lambda _message: send())

    return lambda: ws.connect(url, session)


def ignoring(url: str) -> None:
    with ws.open(url) as session:
        session.ignore(match.binary)
        k6ws.sleep(SECONDS)


def answering(url: str) -> None:
    with ws.open(url) as session:
        session.auto_reply(ECHO, ECHO)
        session.send(ECHO)
        k6ws.sleep(SECONDS)


def remembering(url: str, each: int) -> None:
    with ws.open(url, correlate=by("/id")) as session:
        # What comes once, of the connection and of what a request needs.
        session.start(message(0), "kept", timeout="1ms", default=None).wait()
        before = rss_kib()
        replies = [session.start(message(number), "kept") for number in range(1, each + 1)]
        Window.figure = (rss_kib() - before) * 1024 / len(replies)


def script(mode: str, url: str, conns: int, each: int) -> Callable[[], object]:
    functions: dict[str, Callable[[], object]] = {
        "request": asking(url, conns, each),
        "start": starting(url, conns, each),
        "callback": calling(url, conns, each, is_measured=False),
        "correlate": calling(url, conns, each, is_measured=True),
        "ignore": lambda: ignoring(url),
        "auto": lambda: answering(url),
        "memory": lambda: remembering(url, each),
    }
    return functions[mode]


def main(mode: str, url: str, conns: int, exchanges: int) -> float:
    each = exchanges // conns
    began = time.process_time()
    result = k6ws.run(script(mode, url, conns, each), vus=conns, iterations=conns)
    whole = time.process_time() - began
    if mode == "memory":
        return Window.figure
    if mode in {"ignore", "auto"}:
        # Endless: all that passed, and all of the run.
        return whole / result.metrics["ws_msgs_received"].count * 1e6
    assert Window.exchanges == conns * each, f"{Window.exchanges} exchanges"
    if mode in {"request", "start"}:
        assert result.metrics["ws_reqs"].count == Window.exchanges
        assert result.metrics["ws_req_failed"].passes == 0
    return (Window.ended - Window.began) / Window.exchanges * 1e6


if __name__ == "__main__":
    print(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
