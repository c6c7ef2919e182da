"""Two functions for the scenarios of a k6 options block that is used as it is.

Start a target with `k6ws echo`, then `k6ws run -c examples/k6_options.json examples/k6_options.py`.
"""

import time

from k6ws import check, env, sleep, ws
from k6ws.metrics import Trend

answer_time = Trend("answer_time", True)


def chat():
    talk("hello", pause=0.2)


def probe():
    talk(env["WORD"])


def talk(word, pause=0.0):
    def session(socket):
        sent = time.perf_counter()
        socket.on("open", lambda: socket.send(word))

        @socket.on("message")
        def _(message):
            answer_time.add((time.perf_counter() - sent) * 1000)
            check(message, {"it is the word": lambda text: text == word})
            socket.close()

    response = ws.connect(env.get("URL", "ws://127.0.0.1:8765/"), session)
    check(response, {"status is 101": lambda r: r.status == 101})
    sleep(pause)
