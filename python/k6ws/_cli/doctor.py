"""``k6ws doctor``: what on this machine will stop a test, before it does."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import sys
import time
from dataclasses import asdict

import click

from k6ws import _limits, _ui, ws
from k6ws._cli.exits import exit_code, message
from k6ws._cli.terminal import Terminal
from k6ws._socket import url as _url
from k6ws.errors import K6Error, OptionsError, WSError

_TRY_S = 10.0
_MOST_PORT = 65_535


@click.command()
@click.option(
    "--connections",
    type=click.IntRange(1, 10_000_000),
    default=1000,
    show_default=True,
    help="How many the test opens at the same time.",
)
@click.option("--target", metavar="URL", help="ws://, wss:// or tcp://HOST:PORT; tried once.")
@click.option(
    "--sources",
    type=click.IntRange(1, 1_000_000),
    default=1,
    show_default=True,
    help="Local addresses that the test connects from (--local-ips).",
)
@click.option("--json", "is_json", is_flag=True, help="As a JSON object.")
@click.option("--no-color", is_flag=True, help="No colours.")
def doctor(
    *, connections: int, target: str | None, sources: int, is_json: bool, no_color: bool
) -> None:
    """Say whether this machine can hold a number of connections, and what to do if not.

    Reads the limits of open files, the range of local ports, the firewall's table, memory and TCP's share
    of it. Exit code 0 when nothing stops the test, 1 when something does, 104 for a wrong target.
    """
    terminal = Terminal(quiet=False, no_color=no_color)
    try:
        is_local, trial = (False, None) if target is None else _tried(target)
    except K6Error as error:
        terminal.say(message(error))
        sys.exit(exit_code(error))
    need = _limits.Need(connections, sources, is_local=is_local)
    findings = _limits.find(_limits.read_machine(), need)
    limits = [_ui.Limit(**{**asdict(one), "level": one.level.name.lower()}) for one in findings]
    if trial is not None:
        limits.append(trial)
    stops = any(limit["level"] == "stop" for limit in limits)
    if is_json:
        click.echo(json.dumps({"connections": connections, "ok": not stops, "limits": limits}))
    else:
        what = f"{connections:,} connections" + (f" to {target}" if target else "")
        verdict = "this machine cannot hold them" if stops else "nothing here stops them"
        click.echo(f"\n  {what}: {verdict}\n")
        click.echo(_ui.render_limits(limits, width=terminal.width, color=terminal.out_color))
    sys.exit(1 if stops else 0)


def _tried(target: str) -> tuple[bool, _ui.Limit]:
    """Whether the target is on this machine, and what came of one connection to it."""
    if target.startswith("tcp://"):
        host, _, port = target.removeprefix("tcp://").rpartition(":")
        if not host or not port.isdecimal() or int(port) > _MOST_PORT:
            raise OptionsError(f"invalid --target {target!r}", "tcp://localhost:7000, for example")
        began = time.monotonic()
        try:
            socket.create_connection((host.strip("[]"), int(port)), _TRY_S).close()
            failure = None
        except OSError as error:
            failure = error.strerror or str(error)
    else:
        try:
            host = _url.parse(target).host
        except _url.MalformedError as error:
            text = f"invalid --target {target!r}: {error}: {error.hint}"
            raise OptionsError(text, "ws://, wss:// or tcp://HOST:PORT") from None
        began = time.monotonic()
        failure = _try_websocket(target)
    took = f"connected in {(time.monotonic() - began) * 1000:.1f} ms"
    limit = _ui.Limit(
        level="stop" if failure else "ok",
        topic="the target",
        have=failure or took,
        need="a connection",
        fix="start the target, or correct the URL" if failure else "",
    )
    return _is_local(host.strip("[]")), limit


def _try_websocket(url: str) -> str | None:
    def session(opened: ws.Socket) -> None:
        opened.on("open", opened.close)

    try:
        response = ws.connect(url, session, timeout=_TRY_S * 1000.0)
    except WSError as error:
        return str(error)
    return None if response.status == _SWITCHING else response.error or f"HTTP {response.status}"


_SWITCHING = 101


def _is_local(host: str) -> bool:
    """Whether an address of the host belongs to this machine: only then can it be bound."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)
    except OSError:
        return False
    for family, kind, _, _, address in found:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            return True
        with contextlib.suppress(OSError), socket.socket(family, kind) as probe:
            probe.bind(address)
            return True
    return False
