"""The limits of this machine and process, as the kernel tells them."""

from __future__ import annotations

import re
import resource
from dataclasses import dataclass
from pathlib import Path

# What the kernel says when nothing is limited; and what a limit without end counts as here.
UNLIMITED = 1 << 40


@dataclass(frozen=True)
class Machine:
    """What is there. Sizes are bytes; ``None`` is what this kernel does not tell, or does not have."""

    open_files_soft: int
    open_files_hard: int
    open_files_used: int
    open_files_ceiling: int | None
    """Above this no limit of a process can be raised (``fs.nr_open``)."""
    system_files_most: int | None
    system_files_used: int | None
    first_port: int | None
    last_port: int | None
    reserved_ports: int
    tcp_memory: tuple[int, int, int] | None
    """Of all TCP buffers: below, under pressure from, at most."""
    tracked_most: int | None
    """Connections that the firewall can follow."""
    tracked: int | None
    memory_available: int | None
    listen_backlog: int | None

    @property
    def ports(self) -> int | None:
        """Local ports for connections to one target from one address."""
        if self.first_port is None or self.last_port is None:
            return None
        return max(self.last_port - self.first_port + 1 - self.reserved_ports, 0)


def read_machine(proc: Path = Path("/proc"), group: Path = Path("/sys/fs/cgroup")) -> Machine:
    """Read the limits, of the kernel and of the control group; what cannot be read is not known."""
    soft, hard = map(_finite, resource.getrlimit(resource.RLIMIT_NOFILE))
    files = _numbers(proc / "sys/fs/file-nr")
    ports = _numbers(proc / "sys/net/ipv4/ip_local_port_range")
    first, last = (ports[0], ports[1]) if len(ports) == _A_PAIR else (None, None)
    pages = _numbers(proc / "sys/net/ipv4/tcp_mem")
    size = resource.getpagesize()
    tcp = (pages[0] * size, pages[1] * size, pages[2] * size) if len(pages) == _A_TRIPLE else None
    return Machine(
        open_files_soft=soft,
        open_files_hard=hard,
        open_files_used=_entries(proc / "self/fd"),
        open_files_ceiling=_number(proc / "sys/fs/nr_open"),
        system_files_most=files[2] if len(files) == _A_TRIPLE else None,
        system_files_used=files[0] if len(files) == _A_TRIPLE else None,
        first_port=first,
        last_port=last,
        reserved_ports=_reserved(proc / "sys/net/ipv4/ip_local_reserved_ports", first, last),
        tcp_memory=tcp,
        tracked_most=_number(proc / "sys/net/netfilter/nf_conntrack_max"),
        tracked=_number(proc / "sys/net/netfilter/nf_conntrack_count"),
        memory_available=_memory(proc / "meminfo", group),
        listen_backlog=_number(proc / "sys/net/core/somaxconn"),
    )


_A_PAIR = 2
_A_TRIPLE = 3


def _finite(limit: int) -> int:
    return UNLIMITED if limit == resource.RLIM_INFINITY else limit


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _numbers(path: Path) -> list[int]:
    return [int(word) for word in _text(path).split() if word.isdecimal()]


def _number(path: Path) -> int | None:
    found = _numbers(path)
    return found[0] if found else None


def _entries(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except OSError:
        return 0


def _memory(meminfo: Path, group: Path) -> int | None:
    """What is left of the machine's memory, or of the container's share of it."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(meminfo), re.MULTILINE)
    left = [int(found[1]) * 1024] if found else []
    most, used = _number(group / "memory.max"), _number(group / "memory.current")
    if most is not None and used is not None:
        left.append(max(most - used, 0))
    return min(left, default=None)


def _reserved(path: Path, first: int | None, last: int | None) -> int:
    """How many ports of the range are kept back: ``8080,9000-9010``."""
    if first is None or last is None:
        return 0
    count = 0
    for low, high in re.findall(r"(\d+)(?:-(\d+))?", _text(path)):
        begin, end = max(int(low), first), min(int(high or low), last)
        count += max(end - begin + 1, 0)
    return count
