"""The program of k6's page `Socket.on(event, callback)` of `k6/ws` (an older version), in Python.

The page leaves a server to its reader: `k6ws echo`, then `k6ws run examples/seeds/ws_on.py -e URL=ws://…`.
"""

import time

from k6ws import Params, check, env, ws


def default():
    url = env["URL"]
    params: Params = {"tags": {"my_tag": "hello"}}

    def session(socket):
        @socket.on("open")
        def _():
            print("connected")
            socket.send(time.time_ns() // 1_000_000)

            def ping():
                socket.ping()
                print("Pinging every 1sec (setInterval test)")

            socket.set_interval(ping, 1000)

        socket.on("ping", lambda: print("PING!"))
        socket.on("pong", lambda: print("PONG!"))
        # Several handlers of one event.
        socket.on("pong", lambda: print("OTHER PONG!"))
        socket.on("message", lambda message: print(f"Received message: {message}"))
        socket.on("close", lambda: print("disconnected"))

        @socket.on("error")
        def _(e):
            if e.error() != "websocket: close sent":
                print("An unexpected error occured: ", e.error())

        def time_is_up():
            print("2 seconds passed, closing the socket")
            socket.close()

        socket.set_timeout(time_is_up, 2000)

    response = ws.connect(url, params, session)
    check(response, {"status is 101": lambda r: r and r.status == 101})
