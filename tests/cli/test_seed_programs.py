"""The programs of k6's pages, `examples/seeds`, against servers that nobody here wrote, and what they print.

The transcripts are golden files. To accept a deliberate change, run with `K6WS_UPDATE_GOLDEN=1` and read the
difference. What differs from run to run has a name in angle brackets there.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.chat_room import ChatRoom
from support.servers import AiohttpServer, EchoServer, WebsocketsServer
from support.tcp_server import Reader, TcpServer, Writer

SEEDS = Path(__file__).parents[2] / "examples" / "seeds"
GOLDEN = Path(__file__).parent / "golden"
TIMEOUT_S = 25

VARYING = {
    r"Received message: \d{13}$": "Received message: <time of sending>",
    r"Croc 1:\d says: I'm saying [a-z]{5}$": "Croc 1:<any> says: I'm saying <word>",
    r"127\.0\.0\.1:\d+": "<server>",
}


class Printed:
    """What a program printed, how its run ended, and what was measured."""

    def __init__(self, folder: Path, program: str, **variables: object) -> None:
        prints, summary, samples = (folder / name for name in ("prints", "summary", "samples"))
        given = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        files = [
            "--console-output",
            prints,
            "--summary-export",
            summary,
            "--out",
            f"json={samples}",
        ]
        ran = subprocess.run(
            [sys.executable, "-m", "k6ws", "run", "-q", *files, *given, SEEDS / f"{program}.py"],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        self.exit_code, self.summary = ran.returncode, json.loads(summary.read_text())
        self.lines = [known(line) for line in prints.read_text().splitlines()]
        self.logged = [known(line) for line in ran.stderr.splitlines() if line.startswith("ERROR ")]
        self._samples = samples

    def tags_of(self, metric: str) -> list[dict[str, Any]]:
        """The tags of each sample of a metric."""
        samples = [json.loads(line) for line in self._samples.read_text().splitlines()]
        return [
            one["data"]["tags"]
            for one in samples
            if one["type"] == "Point" and one["metric"] == metric
        ]


def known(line: str) -> str:
    """The line with names in place of what varies."""
    for pattern, name in VARYING.items():
        line = re.sub(pattern, name, line)
    return line


def agrees(name: str, printed: list[str], logged: list[str]) -> None:
    """Compare with the transcript of that name: prints first, then what went to the log as errors."""
    golden = GOLDEN / f"seed_{name}.txt"
    text = "".join(f"{line}\n" for line in [*printed, *logged])
    if os.environ.get("K6WS_UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.fixture(params=[WebsocketsServer, AiohttpServer], ids=["websockets", "aiohttp"])
def server(request: pytest.FixtureRequest) -> EchoServer:
    return request.param()


@pytest.mark.parametrize("program", ["ws_on", "ws_socket"])
def test_a_session_that_echoes_prints_what_the_page_prints(
    tmp_path: Path, server: EchoServer, program: str
) -> None:
    with server:
        ran = Printed(tmp_path, program, URL=server.url("/ws-ping-echo"))
        session = server.journal.session()
    agrees(f"{program}_echo", ran.lines, ran.logged)
    assert ran.exit_code == 0
    [sent] = session.messages
    assert re.fullmatch(r"\d{13}", str(sent)), "milliseconds since 1970, as text"
    assert session.close_code == 1001, "k6's code of a socket that the script closes"
    assert ran.summary["metrics"]["checks"]["values"]["passes"] == 1
    tags = ran.tags_of("ws_sessions") + ran.tags_of("ws_ping")
    assert [one["my_tag"] for one in tags] == ["hello", "hello"]


@pytest.mark.parametrize("program", ["ws_on", "ws_socket"])
def test_a_server_that_closes_with_an_error_is_told(tmp_path: Path, program: str) -> None:
    with WebsocketsServer() as server:
        ran = Printed(tmp_path, program, URL=server.url("/ws-close-1011"))
    agrees(f"{program}_1011", ran.lines, ran.logged)
    assert ran.exit_code == 0


def test_tcp_prints_what_the_page_prints(tmp_path: Path) -> None:
    with TcpServer() as server:
        ran = Printed(tmp_path, "tcp_on", HOST="127.0.0.1", PORT=server.port)
        server.wait_received(b"Hello, server!")
    agrees("tcp_on_echo", ran.lines, ran.logged)
    assert ran.exit_code == 0


def test_tcp_prints_the_error_of_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = Printed(tmp_path, "tcp_on", HOST="127.0.0.1", PORT=port)
    agrees("tcp_on_refused", ran.lines, ran.logged)
    assert ran.summary["metrics"]["iteration_failed"]["values"]["passes"] == 1


def test_tcp_ends_when_the_server_ends(tmp_path: Path) -> None:
    async def read_and_end(reader: Reader, _writer: Writer) -> None:
        await reader.read(65536)

    with TcpServer(read_and_end) as server:
        ran = Printed(tmp_path, "tcp_on", HOST="127.0.0.1", PORT=server.port)
    agrees("tcp_on_ended", ran.lines, ran.logged)
    assert ran.exit_code == 0


def test_four_chat_to_the_end_and_two_of_them_must_close_by_force(tmp_path: Path) -> None:
    # In a session of this length two of the four speak once: their intervals are drawn from the VU's own
    # generator, the same in every run.
    with ChatRoom(guests=4, detained={"Croc 1:2", "Croc 1:3"}) as room:
        program = "experimental_websockets"
        ran = Printed(tmp_path, program, URL=room.url("/"), SESSION_MS=3600)

    def worker_and_kind(line: str) -> tuple[str, int]:
        worker = re.search(r"VU 1:\d", line)
        kinds = (" unhandled ", " says: ")
        kind = next((n for n, word in enumerate(kinds) if word in line), len(kinds))
        return worker.group() if worker else "", kind

    # A worker's own lines are in order; what it hears of others comes when the network brings it.
    agrees("experimental_websockets", sorted(ran.lines, key=worker_and_kind), sorted(ran.logged))
    assert ran.exit_code == 0
    # The forced ones come last, each followed by the end of its socket.
    ends = [line.split(":")[-1].strip() for line in ran.lines[-4:]]
    forced = "Closing the socket forcefully 3s after graceful LEAVE"
    assert ends[0] == forced
    assert sorted(ends) == [forced, forced, "disconnected", "disconnected"]
    assert ran.lines.count(forced) == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_session_lasts_5_to_60_seconds_unless_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SESSION_MS", raising=False)
    program = str(SEEDS / "experimental_websockets.py")
    drawn = {runpy.run_path(program)["session_duration"] for _ in range(20)}
    assert all(5000 <= duration <= 60000 for duration in drawn)
    assert len(drawn) > 1
    monkeypatch.setenv("SESSION_MS", "1")
    assert runpy.run_path(program)["session_duration"] == 1
