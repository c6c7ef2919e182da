"""A plain program that makes sockets or timers and never waits for them is told when it ends."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from k6ws import _core

PATIENCE_S = 20
SAYS = "did not wait for them: their handlers run in k6ws.wait()"

FORGETFUL = {
    "websocket": """
        from k6ws.websockets import WebSocket
        socket = WebSocket(URL)
        socket.onopen = lambda: print("never")
    """,
    "tcp": """
        from k6ws.tcp import Socket
        socket = Socket()
        socket.connect(PORT, "127.0.0.1")
    """,
    "timer": """
        from k6ws.timers import set_timeout
        set_timeout(print, 1, "never")
    """,
    "a second socket": """
        import k6ws
        from k6ws.websockets import WebSocket
        socket = WebSocket(URL)
        socket.onopen = lambda: socket.close()
        k6ws.wait()
        WebSocket(URL)
    """,
    "a thread": """
        import threading
        from k6ws.timers import set_timeout
        thread = threading.Thread(target=lambda: set_timeout(print, 1, "never"))
        thread.start()
        thread.join()
    """,
}

MINDFUL = {
    "it waited": """
        import k6ws
        from k6ws.websockets import WebSocket
        socket = WebSocket(URL)
        socket.onopen = lambda: socket.close()
        k6ws.wait()
    """,
    "it waited for a while": """
        import k6ws
        from k6ws.websockets import WebSocket
        socket = WebSocket(URL)
        k6ws.wait(50)
    """,
    "it used what blocks": """
        from k6ws import ws
        ws.connect(URL, lambda socket: socket.on("open", socket.close))
    """,
    "an asyncio loop ran": """
        import asyncio
        from k6ws.websockets import WebSocket
        async def main():
            opened = asyncio.Event()
            socket = WebSocket(URL)
            socket.onopen = opened.set
            await opened.wait()
        asyncio.run(main())
    """,
    "it only imported": "import k6ws",
}


def standard_error(program: str, echo: _core.EchoServer, code: int = 0) -> str:
    url = echo.url()
    port = url.rstrip("/").rpartition(":")[2]
    text = textwrap.dedent(program).replace("URL", repr(url)).replace("PORT", port)
    done = subprocess.run(  # noqa: PLW1510 - its code is asserted below
        [sys.executable, "-X", "dev", "-W", "error", "-c", text],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, done.stderr
    return done.stderr


@pytest.mark.parametrize("program", FORGETFUL.values(), ids=FORGETFUL)
def test_a_program_that_forgot_to_wait_is_told(echo: _core.EchoServer, program: str) -> None:
    said = standard_error(program, echo)
    assert said.count(SAYS) == 1
    assert "<string>:" in said, "where it was made"


@pytest.mark.parametrize("program", MINDFUL.values(), ids=MINDFUL)
def test_a_program_that_waited_is_not(echo: _core.EchoServer, program: str) -> None:
    assert SAYS not in standard_error(program, echo)


def test_a_program_that_dies_before_it_could_wait_says_why_and_no_more(
    echo: _core.EchoServer,
) -> None:
    said = standard_error(FORGETFUL["websocket"] + "\n        1 / 0", echo, code=1)
    assert "ZeroDivisionError" in said
    assert SAYS not in said
