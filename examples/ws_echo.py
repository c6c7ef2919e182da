"""The example of k6's `Socket.on` page, in Python: events, timers, a check.

Start a target with `k6ws echo`, then `k6ws run examples/ws_echo.py`. Another target: `-e URL=ws://…`.
"""

import time

from k6ws import check, env, ws

options = {"vus": 2, "iterations": 2, "thresholds": {"checks": ["rate==1"]}}


def default():
    url = env.get("URL", "ws://127.0.0.1:8765/")

    def session(socket):
        @socket.on("open")
        def _():
            print("connected")
            socket.send(time.time_ns() // 1_000_000)
            socket.set_interval(socket.ping, 1000)

        socket.on("message", lambda message: print(f"message received: {message}"))
        socket.on("pong", lambda: print("PONG!"))
        socket.on("pong", lambda: print("OTHER PONG!"))
        socket.on("close", lambda: print("disconnected"))

        @socket.on("error")
        def _(e):
            if e.error() != "websocket: close sent":
                print("an unexpected error occurred:", e.error())

        def time_is_up():
            print("2 seconds passed, closing the socket")
            socket.close()

        socket.set_timeout(time_is_up, 2000)

    response = ws.connect(url, {"tags": {"my_tag": "hello"}}, session)
    check(response, {"status is 101": lambda r: r.status == 101})
