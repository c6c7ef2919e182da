"""What a machine allows, read from a kernel that is made up, and compared with what a test needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from k6ws._limits import Finding, Level, Machine, Need, find, read_machine
from k6ws._ui import Limit, render_limits

ROOMY = Machine(
    open_files_soft=1024,
    open_files_hard=1_000_000,
    open_files_used=6,
    open_files_ceiling=1_048_576,
    system_files_most=10_000_000,
    system_files_used=1000,
    first_port=1024,
    last_port=65_535,
    reserved_ports=0,
    tcp_memory=(1 << 30, 2 << 30, 4 << 30),
    tracked_most=None,
    tracked=None,
    memory_available=64 << 30,
    listen_backlog=100_000,
)


def found(machine: Machine, need: Need) -> dict[str, Finding]:
    return {one.topic: one for one in find(machine, need)}


def test_where_there_is_room_nothing_is_wrong() -> None:
    for need in (Need(50_000), Need(50_000, is_local=True), Need(1)):
        assert {one.level for one in find(ROOMY, need)} == {Level.OK}
        assert {one.fix for one in find(ROOMY, need)} == {""}


@pytest.mark.parametrize(
    ("changes", "need", "topic", "level", "fix"),
    [
        (
            {"open_files_hard": 20_000},
            Need(50_000),
            "open files",
            Level.STOP,
            "prlimit --pid $$ --nofile=50070:50070; or 3 processes",
        ),
        (
            {"open_files_hard": 20_000, "open_files_ceiling": 20_000},
            Need(50_000),
            "open files",
            Level.STOP,
            "sysctl -w fs.nr_open=50070 && prlimit",
        ),
        # The last one that fits: what is open, what is kept spare.
        ({"open_files_hard": 20_000}, Need(20_000 - 70), "open files", Level.OK, ""),
        ({"open_files_hard": 20_000}, Need(20_000 - 69), "open files", Level.STOP, "prlimit"),
        (
            {"system_files_most": 20_000},
            Need(10_000, is_local=True),
            "open files, all processes",
            Level.STOP,
            "sysctl -w fs.file-max=21064",
        ),
        (
            {"first_port": 32_768, "last_port": 60_999},
            Need(28_233),
            "local ports to one target",
            Level.STOP,
            'net.ipv4.ip_local_port_range="1024 65535"',
        ),
        (
            {"first_port": 32_768, "last_port": 60_999},
            Need(25_000),
            "local ports to one target",
            Level.WARNING,
            'net.ipv4.ip_local_port_range="1024 65535"',
        ),
        ({}, Need(200_000), "local ports to one target", Level.STOP, "--local-ips A-B"),
        (
            {},
            Need(200_000, is_local=True),
            "local ports to one target",
            Level.STOP,
            "4 addresses: --local-ips 127.0.0.2-127.0.0.5",
        ),
        ({}, Need(200_000, sources=4), "local ports to one target", Level.OK, ""),
        (
            {"tracked_most": 60_000, "tracked": 20_000},
            Need(50_000),
            "connections the firewall tracks",
            Level.STOP,
            "nf_conntrack_max=140000",
        ),
        (
            {"tcp_memory": (1 << 20, 2 << 20, 3 << 20)},
            Need(1000),
            "memory for TCP buffers",
            Level.WARNING,
            "net.ipv4.tcp_mem",
        ),
        ({"memory_available": 1 << 30}, Need(50_000), "memory", Level.STOP, "split the test"),
        (
            {"listen_backlog": 4096},
            Need(5000, is_local=True),
            "connections waiting to be accepted",
            Level.WARNING,
            "net.core.somaxconn=5000",
        ),
    ],
)
def test_what_is_too_small_is_told_with_the_command_that_helps(
    changes: dict[str, int], need: Need, topic: str, level: Level, fix: str
) -> None:
    finding = found(replace(ROOMY, **changes), need)[topic]
    assert finding.level == level, finding
    assert fix in finding.fix
    assert bool(finding.fix) == (level is not Level.OK)


def test_the_kernel_is_read_as_it_writes(tmp_path: Path) -> None:
    files = {
        "sys/fs/file-nr": "1856\t0\t2466170\n",
        "sys/fs/nr_open": "1048576\n",
        "sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
        "sys/net/ipv4/ip_local_reserved_ports": "80,33000-33009,60990-65000\n",
        "sys/net/ipv4/tcp_mem": "287898\t383867\t575796\n",
        "sys/net/netfilter/nf_conntrack_max": "262144\n",
        "sys/net/netfilter/nf_conntrack_count": "17\n",
        "sys/net/core/somaxconn": "4096\n",
        "meminfo": "MemTotal:       24628 kB\nMemAvailable:   20480 kB\n",
        "group/memory.max": "4096000\n",
        "group/memory.current": "96000\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    machine = read_machine(tmp_path, tmp_path / "group")
    assert machine.ports == 60_999 - 32_768 + 1 - 10 - 10
    assert (machine.system_files_used, machine.system_files_most) == (1856, 2_466_170)
    assert machine.tcp_memory is not None
    assert machine.tcp_memory[1] % 383_867 == 0
    assert (machine.tracked, machine.tracked_most) == (17, 262_144)
    assert machine.memory_available == 4_000_000
    assert machine.listen_backlog == 4096
    (tmp_path / "group/memory.max").write_text("max\n")
    assert read_machine(tmp_path, tmp_path / "group").memory_available == 20_480 * 1024


def test_a_kernel_that_tells_nothing_is_no_trouble(tmp_path: Path) -> None:
    machine = read_machine(tmp_path, tmp_path)
    assert machine.ports is None
    assert [one.topic for one in find(machine, Need(1))] == ["open files"]


def test_the_table_keeps_within_a_narrow_terminal_but_never_breaks_a_command() -> None:
    limits: list[Limit] = [
        {"level": "ok", "topic": "memory", "have": "1 MiB", "need": "1 MiB", "fix": ""},
        {
            "level": "stop",
            "topic": "local ports to one target",
            "have": "28,232 from 1 address",
            "need": "50,000",
            "fix": 'as root: sysctl -w net.ipv4.ip_local_port_range="1024 65535"',
        },
    ]
    assert render_limits(limits) == (
        "  ✓ memory:                    need 1 MiB, have 1 MiB\n"
        "  ✗ local ports to one target: need 50,000, have 28,232 from 1 address\n"
        '      as root: sysctl -w net.ipv4.ip_local_port_range="1024 65535"\n'
    )
    assert render_limits(limits, width=60, color=True) == (
        "  \x1b[32m✓\x1b[0m memory:                    need 1 MiB, have 1 MiB\n"
        "  \x1b[31m✗\x1b[0m local ports to one target:\n"
        "      need 50,000, have 28,232 from 1 address\n"
        '      as root: sysctl -w net.ipv4.ip_local_port_range="1024 65535"\n'
    )
