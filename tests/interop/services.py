"""The servers that `examples/protocols` speaks with: how each is started, asked what it counted, killed.

All of them listen on loopback, on ports that were free, and write in folders of the test.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from interop.programs import NODE_MODULES, PATIENCE_S, ROOT, needs, wait_for

if TYPE_CHECKING:
    from support.certificates import Authority

SERVERS = Path(__file__).parent / "servers"
STAND_INS = ROOT / "tests" / "support" / "stand_ins"
# RabbitMQ takes its time where both cores are busy: to start, and to tell what it has counted.
START_S = 120
COUNT_S = 60
STAND_IN_LOGIN = {"PGUSER": "k6ws", "PGPASSWORD": "secret"}
Counts: TypeAlias = dict[str, float]
Start: TypeAlias = "Callable[[Path, Authority], AbstractContextManager[Service]]"


@dataclass
class Service:
    """A server that runs."""

    process: subprocess.Popen[str]
    variables: dict[str, str]
    """What a script is told of it."""
    log: Path
    counts: Callable[[], Counts] = field(default=dict[str, float])
    """What it says that it has counted."""

    def kill(self) -> None:
        """End it as a machine does that loses its power: all of its processes, at once."""
        kill_all(self.process)

    def end(self) -> str:
        """Have it end in order; what it has said."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        return self.log.read_text(errors="replace")


@contextlib.contextmanager
def serving(
    folder: Path, command: list[str], environment: Mapping[str, str] | None = None, **how: Any
) -> Generator[Service]:
    """Run a server in a session of its own, with what it says in a file."""
    log = folder / "server.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            command,
            stdout=written,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            **how,
        )
    try:
        yield Service(process, {}, log)
    finally:
        kill_all(process)


def kill_all(process: subprocess.Popen[str]) -> None:
    """Kill a server with all that it has started, none of which says anything any more."""
    family = [process.pid] if process.poll() is None else []
    for parent in family:
        with contextlib.suppress(OSError):
            # First: then it starts no other one, and says no word about those that are gone.
            os.kill(parent, signal.SIGSTOP)
            for task in Path(f"/proc/{parent}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
    for one in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    process.wait(PATIENCE_S)


def listening(service: Service, port: int) -> None:
    """Wait until it accepts connections."""
    if not wait_for(port, service.process, START_S):
        pytest.fail(f"{service.process.args!r} did not start: {service.log.read_text()}")


def until(counts: Callable[[], Counts], expected: Counts) -> Counts:
    """What it counts, as soon as that is what is expected: some tell it a little late."""
    deadline = time.monotonic() + COUNT_S
    while not (found := counts()).items() >= expected.items() and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


# Programs that print their port, and at their end what they have counted ------------------------------------


@contextlib.contextmanager
def program(
    folder: Path, command: list[str], variables: Callable[[int], dict[str, str]]
) -> Generator[Service]:
    environment = {"NODE_PATH": str(NODE_MODULES), "PYTHONPATH": str(ROOT / "tests")}
    with serving(folder, command, environment) as service:
        deadline = time.monotonic() + PATIENCE_S
        while not (said := service.log.read_text()).endswith("\n"):
            if service.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command} did not start: {said}")
            time.sleep(0.02)
        service.variables = variables(int(said))
        service.counts = lambda: json.loads(service.end().splitlines()[-1])
        yield service


def node(
    folder: Path, script: str, path: str, *packages: str, argument: str = ""
) -> AbstractContextManager[Service]:
    """A server of Node's, at a path of its port."""
    missing = [one for one in packages if not (NODE_MODULES / one).is_dir()]
    command = [needs("node", "nodejs"), str(SERVERS / script), argument]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} of npm (`make test-servers` installs it)")
    return program(folder, command, lambda port: {"URL": f"ws://127.0.0.1:{port}{path}"})


def python(
    folder: Path,
    script: Path,
    package: str,
    variables: Callable[[int], dict[str, str]],
    *arguments: str,
) -> AbstractContextManager[Service]:
    """A server in Python."""
    needs_package(package)
    return program(folder, [sys.executable, str(script), *arguments], variables)


def needs_package(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs {package} of PyPI (`make test-servers` installs it)")


def socketio(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return node(folder, "socketio.mjs", "", "socket.io")


def graphql(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return node(folder, "graphql.mjs", "/graphql", "graphql", "graphql-ws", "ws")


def ocpp(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    script = SERVERS / "central_system.py"
    return python(folder, script, "ocpp", lambda port: {"URL": f"ws://127.0.0.1:{port}/ocpp"})


def jsonrpc(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    script = SERVERS / "jsonrpc.py"
    return python(folder, script, "jsonrpcserver", lambda port: {"URL": f"ws://127.0.0.1:{port}/"})


def stand_in(name: str, address: str) -> Start:
    """A stand-in of ours, where the server itself cannot be had; `address` is its URL but for the port."""

    def start(folder: Path, authority: Authority) -> AbstractContextManager[Service]:
        script, chain = STAND_INS / f"{name}.py", str(authority.chain_path(folder))
        return program(folder, [sys.executable, str(script), chain], addressed)

    def addressed(port: int) -> dict[str, str]:
        return {"URL": address.format(port)} if address else {"PORT": str(port)} | STAND_IN_LOGIN

    return start


def smtp(folder: Path, authority: Authority) -> AbstractContextManager[Service]:
    chain, ca = authority.chain_path(folder), str(authority.pem_path)
    script = SERVERS / "mail.py"
    return python(
        folder, script, "aiosmtpd", lambda port: {"PORT": str(port), "CA": ca}, str(chain)
    )
