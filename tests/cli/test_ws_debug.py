"""`--ws-debug` shows what passes on a connection, and nothing that must stay secret."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from k6ws import env, ws

def default():
    def session(socket):
        socket.on("open", lambda: (socket.send("hello"), socket.ping()))
        socket.on("pong", lambda: socket.close(4001))

    ws.connect(env["URL"] + "?code=secret1&room=5", session,
        headers={"Authorization": "Bearer secret2", "Cookie": "a=secret3", "X-Access": "secret4",
            "X-Credential": "secret5", "Sec-WebSocket-Protocol": "bearer, secret6"})
    ws.connect("ws://127.0.0.1:1/", session)
"""


def shown(tmp_path: Path, url: str, *words: str) -> list[str]:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, "-m", "k6ws", "run", "-e", f"URL={url}", *words, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert "secret" not in done.stdout + done.stderr
    lines = re.findall(r"ws-debug (.*)", done.stderr)
    return [re.sub(r" +[\d.]+ ms", "", line) for line in lines]


def test_the_first_connection_is_shown_from_request_to_close(tmp_path: Path, url: str) -> None:
    lines = shown(tmp_path, url, "--ws-debug")
    assert {line[:2] for line in lines} == {"#1"}
    assert lines[0].startswith("#1 · to 127.0.0.1:")
    assert "#1 > GET /?code=***&room=5 HTTP/1.1" in lines
    assert "#1 > Authorization: *** (14 bytes)" in lines
    assert "#1 > X-Access: *** (7 bytes)" in lines
    assert "#1 > Sec-Websocket-Protocol: bearer, *** (7 bytes)" in lines
    assert "#1 < HTTP/1.1 101 Switching Protocols" in lines
    for frame in (
        '#1 > text, 5 bytes: "hello"',
        '#1 > ping, 1 bytes: "0"',
        '#1 < pong, 1 bytes: "0"',
        '#1 < text, 5 bytes: "hello"',
        '#1 > close, 2 bytes: 4001 ""',
        '#1 < close, 2 bytes: 4001 ""',
    ):
        assert frame in lines, lines
    assert lines[-1].startswith("#1 · over: ")


def test_as_many_as_asked_for_and_failures_too(tmp_path: Path, url: str) -> None:
    lines = shown(tmp_path, url, "--ws-debug=5")
    assert {line[:2] for line in lines} == {"#1", "#2"}
    assert any(line.startswith("#2 · not made: dial tcp 127.0.0.1:1") for line in lines)


def test_nothing_is_shown_unless_asked_for(tmp_path: Path, url: str) -> None:
    assert shown(tmp_path, url) == []
