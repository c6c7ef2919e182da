"""The program of k6's page `Socket` of `k6/ws` (outdated edition), in Python, in k6's spelling of names.

The page leaves a server to its reader: `k6ws echo`, then `k6ws run examples/seeds/ws_socket.py -e URL=ws://…`.
Of the page as it was handed on some lines are missing; they are those of `ws_on.py`.
"""

import time

from k6ws import Params, check, env, ws


def default():
    url = env["URL"]
    params: Params = {"tags": {"my_tag": "hello"}}

    def session(socket):
        def opened():
            print("connected")
            socket.send(time.time_ns() // 1_000_000)

            def timeout():
                socket.ping()
                print("Pinging every 1sec (setInterval test)")

            socket.setInterval(timeout, 1000)

        def failed(e):
            if e.error() != "websocket: close sent":
                print("An unexpected error occured: ", e.error())

        def time_is_up():
            print("2 seconds passed, closing the socket")
            socket.close()

        socket.on("open", opened)
        socket.on("ping", lambda: print("PING!"))
        socket.on("pong", lambda: print("PONG!"))
        # Several handlers of one event.
        socket.on("pong", lambda: print("OTHER PONG!"))
        socket.on("message", lambda message: print(f"Received message: {message}"))
        socket.on("close", lambda: print("disconnected"))
        socket.on("error", failed)
        socket.setTimeout(time_is_up, 2000)

    response = ws.connect(url, params, session)
    check(response, {"status is 101": lambda r: r and r.status == 101})
    # The function gets here once the connection is closed, and no sooner.
