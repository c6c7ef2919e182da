"""`make bench-connections`: what it costs to connect, and what an open connection costs that nobody uses.

Shown beside the bare system calls, websockets and aiohttp; with TLS beside bare rustls.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import trustme

from harness.build import find_bench
from harness.machine import CLIENT_CORE, PINNED, raise_file_limit
from harness.server import echo_target

PEERS = Path(__file__).parent / "peers" / "connections.py"
IN_A_RUN = PEERS.with_name("k6ws_connects.py")
CONNS = 9_000
CLIENTS = ("k6ws", "websockets", "aiohttp")
IDLE_LIMIT_KIB = 6.0
TLS_LIMIT_KIB = 4.0
CONNECT_LIMIT_US = 100.0
_TIMEOUT_S = 180

Figures = dict[str, list[list[float]]]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    raise_file_limit()
    with tempfile.TemporaryDirectory() as folder:
        plain = _rounds(rounds, ("sockets", *CLIENTS))
        _show(f"{CONNS} WebSockets, {rounds} rounds", plain)
        cpu, kib = _medians(plain["k6ws"])
        _judge(kib <= IDLE_LIMIT_KIB, f"an idle WebSocket ≤ {IDLE_LIMIT_KIB:g} KiB")
        _judge(cpu <= CONNECT_LIMIT_US, f"a connect ≤ {CONNECT_LIMIT_US:g} µs of CPU")
        files = _certificates(Path(folder))
        _within_runs(rounds)
        over_tls = _rounds(rounds, CLIENTS, files)
        _show(f"{CONNS} WebSockets over TLS, {rounds} rounds", over_tls)
        _against_rustls(_medians(over_tls["k6ws"])[1], files)
    return 0


def _against_rustls(kib: float, files: tuple[Path, Path]) -> None:
    bare = find_bench("rustls_idle")
    if bare is None:
        print("  bare rustls: cargo bench --no-default-features --bench rustls_idle --no-run")
        return
    with echo_target(*_tls_flags(files)) as url:
        address = url.removeprefix("wss://").rstrip("/")
        floor = float(_output([str(bare), address, str(CONNS), str(files[0])]))
    print(f"  bare rustls                 {floor:>8.2f} KiB")
    _judge(kib <= floor + TLS_LIMIT_KIB, f"an idle one ≤ bare rustls + {TLS_LIMIT_KIB:g} KiB")


def _rounds(
    rounds: int, clients: tuple[str, ...], files: tuple[Path, Path] | None = None
) -> Figures:
    found: Figures = {client: [] for client in clients}
    ca = [str(files[0])] if files else []
    for _ in range(rounds):
        for client in clients:
            # A target of its own for each: what it still has to close would be paid by the next.
            with echo_target(*_tls_flags(files)) as url:
                ran = _output([sys.executable, str(PEERS), client, url, str(CONNS), *ca])
            found[client].append([float(figure) for figure in ran.split()])
    return found


def _within_runs(rounds: int) -> None:
    """A VU for each connect: with Python's collector as a run of the command line has it, and as it is."""
    print(f"{CONNS} VUs of k6ws run, each in ws.connect, {rounds} rounds")
    run = [sys.executable, "-m", "k6ws", "run", "--quiet", "-u", str(CONNS), "-i", str(CONNS)]
    commands = {"k6ws run": run, "--no-gc-tuning": [*run, "--no-gc-tuning"]}
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            with echo_target() as url:
                given = ["-e", f"URL={url}", "-e", f"CONNS={CONNS}", str(IN_A_RUN)]
                found[name].append(float(_output([*command, *given])))
    for name, figures in found.items():
        print(f"  {name:<16}{median(figures):>6.1f} CPU µs/connect {_range(figures)}")


def _output(command: list[str]) -> str:
    pinned = ["taskset", "-c", str(CLIENT_CORE)] if PINNED else []
    done = subprocess.run(
        [*pinned, *command], stdout=subprocess.PIPE, text=True, check=True, timeout=_TIMEOUT_S
    )
    return done.stdout


def _tls_flags(files: tuple[Path, Path] | None) -> list[str]:
    return ["--tls-cert", str(files[1]), "--tls-key", str(files[1])] if files else []


def _certificates(folder: Path) -> tuple[Path, Path]:
    """The authority, and a file with the server's key and chain."""
    authority = trustme.CA()
    ca, chain = folder / "ca.pem", folder / "chain.pem"
    authority.cert_pem.write_to_path(str(ca))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    return ca, chain


def _medians(figures: list[list[float]]) -> tuple[float, float]:
    cpu, kib = zip(*figures, strict=True)
    return median(cpu), median(kib)


def _show(title: str, found: Figures) -> None:
    print(title)
    print("                 CPU µs/connect     KiB idle")
    for client, figures in found.items():
        cpu, kib = _medians(figures)
        cpus, kibs = zip(*figures, strict=True)
        print(f"  {client:<12}{cpu:>8.1f} {_range(cpus):<15}{kib:>8.2f} {_range(kibs)}")


def _range(values: Sequence[float]) -> str:
    return f"({min(values):.1f}-{max(values):.1f})"


def _judge(holds: bool, what: str) -> None:
    print(f"  {'ok' if holds else 'MISSED'}: {what}")


if __name__ == "__main__":
    sys.exit(main())
