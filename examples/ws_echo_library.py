"""The session of `ws_echo.py` in an ordinary program: no runner, no options, just a blocking call.

`python examples/ws_echo_library.py [URL]`; without a URL it starts an echo target of its own. It is
a script for `k6ws run` as well, with `-e URL=…`.
"""

import subprocess
import sys
import time

from k6ws import env, ws


def session(socket: ws.Socket) -> None:
    """Say hello, ping every second, leave after two."""

    @socket.on("open")
    def _() -> None:
        print("connected")
        socket.send(time.time_ns() // 1_000_000)
        socket.set_interval(socket.ping, 1000)

    @socket.on("error")
    def _(e: ws.WSError) -> None:
        if e.error() != "websocket: close sent":
            print("an unexpected error occurred:", e.error())

    def time_is_up() -> None:
        print("2 seconds passed, closing the socket")
        socket.close()

    socket.on("message", lambda message: print(f"message received: {message}"))
    socket.on("pong", lambda: print("PONG!"))
    socket.on("pong", lambda: print("OTHER PONG!"))
    socket.on("close", lambda: print("disconnected"))
    socket.set_timeout(time_is_up, 2000)


def main() -> int:
    """Run the session and print the response."""
    if len(sys.argv) > 1:
        return talk_to(sys.argv[1])
    command = [sys.executable, "-m", "k6ws", "echo", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as target:
        try:
            return talk_to(target.stdout.readline().strip() if target.stdout else "")
        finally:
            target.terminate()


def talk_to(url: str) -> int:
    """One session with `url`; 0 if it was a session."""
    response = ws.connect(url, {"tags": {"my_tag": "hello"}}, session)
    print(response)
    return 0 if response.status == 101 else 1


def default() -> None:
    """The session as an iteration of a load test."""
    talk_to(env.get("URL", "ws://127.0.0.1:8765/"))


if __name__ == "__main__":
    sys.exit(main())
