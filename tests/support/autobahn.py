"""The Autobahn suite: a server of others that tries every way to be wrong, and a client that does."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WSTEST = ROOT / ".make" / "autobahn" / "wstest"
_START_S = 20.0


def why_missing() -> str:
    """Why the suite is not here; empty if it is."""
    if WSTEST.exists():
        return ""
    log = WSTEST.parent.with_suffix(".log")
    said = log.read_text(encoding="utf-8").strip().splitlines() if log.exists() else []
    return f"the Autobahn suite is not set up (make .make/autobahn.done): {said[-1:]}"


@dataclass
class FuzzingServer:
    """A running suite; `report` tells what it thought of each agent."""

    url: str
    folder: Path

    def report(self, agent: str) -> dict[str, dict[str, Any]]:
        """Case to verdict, for one agent."""
        text = (self.folder / "index.json").read_text(encoding="utf-8")
        return json.loads(text)[agent]


@contextlib.contextmanager
def fuzzing_server(folder: Path, cases: list[str]) -> Generator[FuzzingServer, None, None]:
    """Run the suite on a free loopback port; `folder` takes its reports."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"ws://127.0.0.1:{port}"
    spec = folder / "spec.json"
    wanted = {"url": url, "outdir": str(folder), "cases": cases}
    excluded: dict[str, Any] = {"exclude-cases": [], "exclude-agent-cases": {}}
    spec.write_text(json.dumps({**wanted, **excluded}), encoding="utf-8")
    command = [str(WSTEST), "-m", "fuzzingserver", "-s", str(spec), "-u", "0"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_until_open(port, server)
        yield FuzzingServer(url, folder)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def fuzz(url: str, folder: Path, cases: list[str], limit_s: float) -> dict[str, dict[str, Any]]:
    """Run the suite's client against a server; case to verdict."""
    spec = folder / "spec.json"
    agent = {"agent": "target", "url": url}
    wanted = {"servers": [agent], "outdir": str(folder), "cases": cases}
    excluded: dict[str, Any] = {"exclude-cases": [], "exclude-agent-cases": {}}
    spec.write_text(json.dumps({**wanted, **excluded}), encoding="utf-8")
    command = [str(WSTEST), "-m", "fuzzingclient", "-s", str(spec)]
    with (folder / "client.log").open("wb") as log:
        subprocess.run(command, stdout=log, stderr=log, timeout=limit_s, check=True)
    return json.loads((folder / "index.json").read_text(encoding="utf-8"))["target"]


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = f"the Autobahn suite did not open port {port}; see its server.log"
    raise AssertionError(message)
