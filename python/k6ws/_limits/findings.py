"""What will stop a test, or slow it down, and what helps: a machine and a need in, findings out."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass

from k6ws._limits.machine import Machine

# Descriptors of a run beside its sockets: epoll, timers, outputs, what a script opens.
SPARE_FILES = 64
# Resident bytes of a VU that waits on a WebSocket, and of its socket in the kernel, measured and rounded up.
PER_VU = 20 * 1024
PER_SOCKET = 6 * 1024
# TCP charges at least a page for data on its way in, and one for data on its way out.
BUFFERS_PER_SOCKET = 8 * 1024
_NEARLY = 0.8
_WIDEST_PORTS = 65_535 - 1024 + 1


class Level(enum.IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    """It may become tight, or only an estimate says so."""
    STOP = 2
    """Connections beyond it will fail."""


@dataclass(frozen=True)
class Need:
    """What a test asks for."""

    connections: int
    """Open at the same time, to one target."""
    sources: int = 1
    """Local addresses to connect from."""
    is_local: bool = False
    """The target runs on this machine, and needs its share of it."""


@dataclass(frozen=True)
class Finding:
    """One limit beside what is needed of it."""

    level: Level
    topic: str
    have: str
    need: str
    fix: str = ""
    """The command that helps; empty when nothing is wrong."""


def find(machine: Machine, need: Need) -> list[Finding]:
    """Every limit that is known, in the order in which tests run into them."""
    return [
        *_open_files(machine, need),
        *_system_files(machine, need),
        *_ports(machine, need),
        *_tracking(machine, need),
        *_tcp_memory(machine, need),
        *_memory(machine, need),
        *_backlog(machine, need),
    ]


def _open_files(machine: Machine, need: Need) -> Iterator[Finding]:
    wanted = need.connections + machine.open_files_used + SPARE_FILES
    have = f"{machine.open_files_hard:,}"
    if machine.open_files_soft < machine.open_files_hard:
        have = f"{machine.open_files_soft:,}, raised to {have} by `k6ws run`"
    level = Level.OK if wanted <= machine.open_files_hard else Level.STOP
    fix = ""
    if level:
        fix = f"as root: prlimit --pid $$ --nofile={wanted}:{wanted}"
        ceiling = machine.open_files_ceiling
        if ceiling is not None and wanted > ceiling:
            fix = f"as root: sysctl -w fs.nr_open={wanted} && prlimit --pid $$ --nofile={wanted}:{wanted}"
        room = machine.open_files_hard - machine.open_files_used - SPARE_FILES
        if room > 0:
            parts = math.ceil(need.connections / room)
            fix += f"; or {parts} processes, each with --execution-segment"
    yield Finding(level, "open files", have, f"{wanted:,}", fix)


def _system_files(machine: Machine, need: Need) -> Iterator[Finding]:
    if machine.system_files_most is None or machine.system_files_used is None:
        return
    room = max(machine.system_files_most - machine.system_files_used, 0)
    wanted = need.connections * (2 if need.is_local else 1) + SPARE_FILES
    total = machine.system_files_used + wanted
    level = Level.OK if wanted <= room else Level.STOP
    fix = f"as root: sysctl -w fs.file-max={total}" if level else ""
    yield Finding(level, "open files, all processes", f"{room:,} free", f"{wanted:,}", fix)


def _ports(machine: Machine, need: Need) -> Iterator[Finding]:
    ports = machine.ports
    if ports is None:
        return
    capacity = ports * need.sources
    have = f"{ports:,} from {need.sources:,} address{'es' if need.sources > 1 else ''}"
    level = _graded(need.connections, capacity)
    fix = ""
    if level and need.connections <= _WIDEST_PORTS * need.sources * _NEARLY:
        fix = 'as root: sysctl -w net.ipv4.ip_local_port_range="1024 65535"'
    elif level:
        count = math.ceil(need.connections / max(ports, 1) / _NEARLY)
        addresses = f"127.0.0.2-127.0.{(count + 1) // 256}.{(count + 1) % 256}"
        fix = f"connect from {count} addresses: --local-ips "
        fix += addresses if need.is_local else "A-B (add them with `ip address add`)"
    yield Finding(level, "local ports to one target", have, f"{need.connections:,}", fix)


def _tracking(machine: Machine, need: Need) -> Iterator[Finding]:
    if machine.tracked_most is None:
        return
    used = machine.tracked or 0
    room = max(machine.tracked_most - used, 0)
    level = _graded(need.connections, room)
    most = 2 * (used + need.connections)
    fix = f"as root: sysctl -w net.netfilter.nf_conntrack_max={most}" if level else ""
    yield Finding(
        level, "connections the firewall tracks", f"{room:,} free", f"{need.connections:,}", fix
    )


def _tcp_memory(machine: Machine, need: Need) -> Iterator[Finding]:
    if machine.tcp_memory is None:
        return
    _, pressure, most = machine.tcp_memory
    wanted = need.connections * BUFFERS_PER_SOCKET * (2 if need.is_local else 1)
    # An estimate: idle sockets need less, slow readers more.
    level = Level.OK if wanted <= pressure else Level.WARNING
    page = 4096
    values = f"{wanted // page} {2 * wanted // page} {3 * wanted // page}"
    fix = f'as root: sysctl -w net.ipv4.tcp_mem="{values}"' if level else ""
    have = f"{_mib(pressure)}, {_mib(most)} at most"
    yield Finding(level, "memory for TCP buffers", have, f"about {_mib(wanted)}", fix)


def _memory(machine: Machine, need: Need) -> Iterator[Finding]:
    if machine.memory_available is None:
        return
    each = PER_VU + PER_SOCKET * (2 if need.is_local else 1)
    wanted = need.connections * each
    level = _graded(wanted, machine.memory_available)
    fix = "fewer VUs here: split the test with --execution-segment over machines" if level else ""
    have = f"{_mib(machine.memory_available)} available"
    yield Finding(level, "memory", have, f"about {_mib(wanted)}", fix)


def _backlog(machine: Machine, need: Need) -> Iterator[Finding]:
    if machine.listen_backlog is None or not need.is_local:
        return
    level = Level.OK if need.connections <= machine.listen_backlog else Level.WARNING
    fix = ""
    if level:
        fix = f"as root: sysctl -w net.core.somaxconn={need.connections}; or let VUs come by stages"
    yield Finding(
        level, "connections waiting to be accepted", f"{machine.listen_backlog:,}",
        f"{need.connections:,} if all come at once", fix,
    )  # fmt: skip


def _graded(wanted: float, room: float) -> Level:
    if wanted > room:
        return Level.STOP
    return Level.OK if wanted <= room * _NEARLY else Level.WARNING


def _mib(count: float) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
