"""The example of k6's `k6/x/tcp`, in Python: connect, write, data, timeout, error, destroy, close.

Start a target with `k6ws echo --tcp --port 9000`, then `k6ws run examples/tcp_echo.py`. Another target:
`-e HOST=… -e PORT=…`.
"""

from k6ws import check, env
from k6ws.tcp import Socket

options = {"vus": 2, "iterations": 2}


def default():
    host, port = env.get("HOST", "127.0.0.1"), env.get("PORT", "9000")
    socket = Socket(tags={"example": "tcp_echo"})
    received = []

    socket.on("connect", lambda: print(f"connected to {socket.remote_ip}:{socket.remote_port}"))
    socket.on("error", lambda error: print("an error occurred:", error))
    socket.on("close", lambda: print(f"closed after {socket.bytes_read} bytes"))

    @socket.on("data")
    def _(data):
        received.append(data)
        print("received:", data)

    @socket.on("timeout")
    def _():
        print("nothing was received for half a second, closing")
        check(received, {"everything came back": lambda got: b"".join(got) == b"Hello, TCP!"})
        socket.destroy()

    socket.set_timeout(500)
    # Waits for this connection; other VUs go on meanwhile.
    socket.connect(port, host).wait()
    # Nobody need wait for a write: writes leave in order.
    socket.write("Hello, ")
    socket.write("VENQIQ==", {"encoding": "base64"})
