"""mosquitto, NATS, Redis, PostgreSQL, RabbitMQ and a Jupyter server, each in an empty folder."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pwd
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from interop.programs import free_port, needs
from interop.services import Counts, Service, listening, needs_package, serving

if TYPE_CHECKING:
    from support.certificates import Authority


@contextlib.contextmanager
def mosquitto(folder: Path, scheme: str) -> Generator[Service]:
    ports = {"tcp": free_port(), "ws": free_port()}
    port, config = ports[scheme], folder / "mosquitto.conf"
    # One for WebSockets alone does not start.
    config.write_text(
        f"listener {ports['tcp']} 127.0.0.1\n"
        f"listener {ports['ws']} 127.0.0.1\nprotocol websockets\n"
        "allow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
    )
    with serving(folder, [needs("mosquitto", "mosquitto"), "-v", "-c", str(config)]) as service:
        listening(service, port)
        service.variables = {"URL": f"{scheme}://127.0.0.1:{port}"}

        def counts() -> Counts:
            log = service.log.read_text()
            kinds = {
                "connects": " connected from ",
                "published": "Received PUBLISH ",
                "delivered": "Sending PUBLISH ",
            }
            return {kind: log.count(line) for kind, line in kinds.items()}

        service.counts = counts
        yield service


def mqtt_tcp(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return mosquitto(folder, "tcp")


def mqtt_ws(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return mosquitto(folder, "ws")


@contextlib.contextmanager
def nats_server(folder: Path, scheme: str) -> Generator[Service]:
    port, other, monitor = free_port(), free_port(), free_port()
    tcp, ws = (port, other) if scheme == "tcp" else (other, port)
    config = folder / "nats.conf"
    config.write_text(
        f"listen: 127.0.0.1:{tcp}\nhttp: 127.0.0.1:{monitor}\n"
        f'websocket {{ listen: "127.0.0.1:{ws}", no_tls: true }}\n'
    )
    with serving(folder, [needs("nats-server", "nats-server"), "-c", str(config)]) as service:
        listening(service, port)
        listening(service, monitor)
        service.variables = {"URL": f"{scheme}://127.0.0.1:{port}"}

        def counts() -> Counts:
            told = read_json(f"http://127.0.0.1:{monitor}/varz")
            return {name: told[name] for name in ("in_msgs", "out_msgs")}

        service.counts = counts
        yield service


def nats_tcp(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return nats_server(folder, "tcp")


def nats_ws(folder: Path, _: Authority) -> AbstractContextManager[Service]:
    return nats_server(folder, "ws")


@contextlib.contextmanager
def redis(folder: Path, _: Authority) -> Generator[Service]:
    port = free_port()
    command = [needs("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    client = [needs("redis-cli", "redis-tools"), "-p", str(port), "info", "commandstats"]
    with serving(folder, [*command, "--save", "", "--dir", str(folder)]) as service:
        listening(service, port)
        service.variables = {"PORT": str(port)}

        def counts() -> Counts:
            told = subprocess.run(client, capture_output=True, text=True, check=True).stdout
            rows = (line.split(":calls=") for line in told.splitlines() if ":calls=" in line)
            calls = {name.removeprefix("cmdstat_"): rest.split(",")[0] for name, rest in rows}
            return {name: int(calls.get(name, 0)) for name in ("incr", "get", "del", "quit")}

        service.counts = counts
        yield service


@contextlib.contextmanager
def postgresql(_: Path, authority: Authority) -> Generator[Service]:
    # A folder that the user of the database can get into; those of pytest are closed.
    with (
        tempfile.TemporaryDirectory() as folder,
        database(Path(folder), authority) as service,
    ):
        yield service


@contextlib.contextmanager
def database(folder: Path, authority: Authority) -> Generator[Service]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("needs initdb: package postgresql (`make test-servers` installs it)")
    port, data = free_port(), folder / "data"
    chain, password = authority.chain_path(folder), folder / "password"
    password.write_text("secret")
    chain.chmod(0o600)
    who = as_somebody(folder, chain, password)
    init = ["-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", str(password)]
    subprocess.run([found[-1], *init, "-N"], check=True, capture_output=True, **who)
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "ssl": "on",
        "ssl_cert_file": chain,
        "ssl_key_file": chain,
        "fsync": "off",
        "log_statement": "all",
        "log_connections": "on",
    }
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(found[-1].with_name("postgres")), "-D", str(data), *given]
    with serving(folder, command, None, **who) as service:
        listening(service, port)
        service.variables = {"PORT": str(port), "PGUSER": "postgres", "PGPASSWORD": "secret"}

        def counts() -> Counts:
            log = service.log.read_text()
            kinds = {
                "encrypted": "user=postgres database=postgres SSL enabled (protocol=TLSv1.3",
                "authenticated": 'identity="postgres" method=scram-sha-256',
                "queries": "statement: SELECT ",
            }
            return {kind: log.count(line) for kind, line in kinds.items()}

        service.counts = counts
        yield service


def as_somebody(*files: Path) -> dict[str, Any]:
    """How a program runs that refuses to be root: as the owner of these."""
    if os.geteuid() != 0:
        return {}
    somebody = pwd.getpwnam("postgres")
    for one in files:
        os.chown(one, somebody.pw_uid, somebody.pw_gid)
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "cwd": files[0]}


@contextlib.contextmanager
def rabbitmq(folder: Path, _: Authority) -> Generator[Service]:
    needs("rabbitmq-server", "rabbitmq-server")
    stomp, manager, names, nodes = free_port(), free_port(), free_port(), free_port()
    (folder / "plugins").write_text("[rabbitmq_management,rabbitmq_web_stomp].")
    (folder / "rabbitmq.conf").write_text(
        "listeners.tcp = none\nstomp.listeners.tcp = none\n"
        f"web_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = {stomp}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {manager}\n"
    )
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
        "RABBITMQ_NODENAME": "k6ws@localhost",
        "RABBITMQ_DIST_PORT": str(nodes),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
    }
    command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
    try:
        with serving(folder, command, environment) as service:
            listening(service, manager)
            listening(service, stomp)
            service.variables = {"URL": f"ws://127.0.0.1:{stomp}/ws"}

            def counts() -> Counts:
                overview = f"http://127.0.0.1:{manager}/api/overview"
                told = read_json(overview, "Basic " + base64.b64encode(b"guest:guest").decode())
                kinds = {"published": "publish", "confirmed": "confirm", "acknowledged": "ack"}
                stats = told["message_stats"]
                return {kind: stats.get(name, 0) for kind, name in kinds.items()}

            service.counts = counts
            yield service
    finally:
        # Erlang's name server, which the node has started in a session of its own.
        subprocess.run(
            [needs("epmd", "erlang-base"), "-port", str(names), "-kill"],
            env={**os.environ, "ERL_EPMD_PORT": str(names)},
            capture_output=True,
            check=False,
        )


@contextlib.contextmanager
def jupyter(folder: Path, _: Authority) -> Generator[Service]:
    for package in ("jupyter_server", "ipykernel"):
        needs_package(package)
    port = free_port()
    flags = {
        "ip": "127.0.0.1",
        "port": port,
        "port-retries": 0,
        "IdentityProvider.token": "secret",
        "ServerApp.root_dir": folder,
    }
    given = [f"--{name}={value}" for name, value in flags.items()]
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--debug"]
    places = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with serving(folder, [*command, *given], {**places, "HOME": str(folder)}) as service:
        listening(service, port)
        service.variables = {"URL": f"http://127.0.0.1:{port}", "TOKEN": "secret"}

        def counts() -> Counts:
            log = service.log.read_text()
            return {"channels": log.count("Opening websocket /api/kernels/")}

        service.counts = counts
        yield service


def read_json(url: str, authorization: str = "") -> Any:
    headers = {"Authorization": authorization} if authorization else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)
