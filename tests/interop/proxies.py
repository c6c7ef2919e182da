"""nginx and haproxy before a target: how each is started, reloaded, asked what it has counted, killed.

Both pass WebSockets on as HTTP, and TCP as it is.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from interop.programs import PATIENCE_S, free_port, needs
from interop.services import Counts, Service, listening, serving

NGINX_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
LONG = "60s"


class Rules(NamedTuple):
    """What a proxy is told."""

    transport: str
    target: int
    """The port that it passes connections on to."""
    idle: str = LONG
    """How long a connection may be silent."""
    grace: str = LONG
    """How long connections may live on after a reload; that of the rules they were made by."""


@dataclass
class Proxy:
    """A proxy that runs."""

    port: int
    kill: Callable[[], None]
    reload: Callable[[Rules], None]
    """Have it follow other rules from now on."""
    counts: Callable[[], Counts]
    """The connections that have ended, and their bytes to the client where it counts those as they are."""


Start: TypeAlias = Callable[[Path, Rules], AbstractContextManager[Proxy]]


@contextlib.contextmanager
def nginx(folder: Path, rules: Rules) -> Generator[Proxy]:
    port, config = free_port(), folder / "nginx.conf"
    program = needs("nginx", "nginx-light")
    if rules.transport == "tcp" and not NGINX_STREAM.exists():
        pytest.skip("needs libnginx-mod-stream (`make test-servers` installs it)")
    command = [program, "-e", "stderr", "-p", str(folder), "-c", str(config)]
    log = folder / "access.log"
    log.touch()

    def write(rules: Rules) -> None:
        kind = "http" if rules.transport == "ws" else "stream"
        config.write_text(f"""
            {f"load_module {NGINX_STREAM};" if kind == "stream" else ""}
            daemon off; pid {folder}/nginx.pid; worker_processes 1;
            worker_shutdown_timeout {rules.grace};
            events {{}}
            {kind} {{
                log_format counted 'ended $status $bytes_sent';
                access_log {log} counted;
                {http(rules) if kind == "http" else stream(rules)}
            }}
        """)

    def http(rules: Rules) -> str:
        return f"""
            client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
            fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://127.0.0.1:{rules.target}; proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
                    proxy_read_timeout {rules.idle};
                }}
            }}"""

    def stream(rules: Rules) -> str:
        return f"""
            server {{
                listen 127.0.0.1:{port};
                proxy_pass 127.0.0.1:{rules.target}; proxy_timeout {rules.idle};
            }}"""

    def reload(rules: Rules) -> None:
        write(rules)
        subprocess.run([*command, "-s", "reload"], check=True, timeout=PATIENCE_S)

    write(rules)
    with serving(folder, command) as service:
        listening(service, port)
        yield Proxy(port, service.kill, reload, lambda: ended(log))


@contextlib.contextmanager
def haproxy(folder: Path, rules: Rules) -> Generator[Proxy]:
    """It reloads as its service file does: its master starts another worker, and lets this one finish."""
    port = free_port()
    command = haproxy_command(folder, port, rules)
    with serving(folder, [*command, "-W"]) as service:
        listening(service, port)

        def reload(rules: Rules) -> None:
            haproxy_command(folder, port, rules)
            before = reloads(service)
            deadline = time.monotonic() + PATIENCE_S
            # While the master is young it lets go of signals.
            while reloads(service) == before and time.monotonic() < deadline:
                service.process.send_signal(signal.SIGUSR2)
                time.sleep(0.2)

        yield Proxy(port, service.kill, reload, lambda: ended(service.log))


def reloads(service: Service) -> int:
    return service.log.read_text().count("Reloading HAProxy")


@contextlib.contextmanager
def haproxies(folder: Path, rules: Rules) -> Generator[Proxy]:
    """It reloads by a process that takes the listeners over, and tells the old one to finish."""
    port, running = free_port(), list[Service]()
    with ExitStack() as stack:

        def start(rules: Rules) -> None:
            place = folder / str(len(running))
            place.mkdir()
            words = haproxy_command(place, port, rules)
            if running:
                words += ["-x", str(running[-1].log.with_name("stats"))]
                words += ["-sf", str(running[-1].process.pid)]
            running.append(stack.enter_context(serving(place, words)))

        def kill() -> None:
            for one in running:
                one.kill()

        def counts() -> Counts:
            told: Counter[str] = Counter()
            for one in running:
                told.update(ended(one.log))
            return dict(told)

        start(rules)
        listening(running[0], port)
        yield Proxy(port, kill, start, counts)


def haproxy_command(folder: Path, port: int, rules: Rules) -> list[str]:
    """What runs it in the foreground; its configuration is written."""
    config = folder / "haproxy.cfg"
    config.write_text(f"""
global
    stats socket {folder}/stats level admin expose-fd listeners
    hard-stop-after {rules.grace}
defaults
    mode {"http" if rules.transport == "ws" else "tcp"}
    timeout connect 5s
    timeout client {LONG}
    timeout server {LONG}
    timeout tunnel {rules.idle}
    log stdout format raw local0
    log-format "ended {"%ST -" if rules.transport == "ws" else "200 %B"}"
listen one
    bind 127.0.0.1:{port}
    server target 127.0.0.1:{rules.target}
""")
    return [needs("haproxy", "haproxy"), "-f", str(config)]


def ended(log: Path) -> Counts:
    """The connections in a log that something came through; of HTTP haproxy does not know the bytes."""
    rows = [line.split() for line in log.read_text().splitlines() if line.startswith("ended ")]
    sizes = [size for _, status, size in rows if status in {"101", "200"} and size != "0"]
    told: Counts = {"connections": len(sizes)}
    return told if "-" in sizes else told | {"bytes": sum(map(int, sizes))}


PROXIES: dict[str, Start] = {"nginx": nginx, "haproxy": haproxy, "haproxy -sf": haproxies}
