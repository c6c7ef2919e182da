"""`python bench/instructions.py [OTHER_PYTHON [WORKLOAD…]]`: instructions for a message, a request and so on.

Counted by callgrind, which the noise of a machine does not touch. Echo and fan-in have many connections: with
few of them a batch is now one event and now many, which has been up to seven times the count. With another
interpreter, that of an older build, both are counted in turn and compared.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from harness.build import build_floor
from harness.machine import OUT, SERVER_CORE, spawn
from harness.server import echo_target

PEER = Path(__file__).parent / "peers" / "instructions.py"
# Few and many: the difference is what the workload costs, without starting Python.
CONNS = 50
COUNTS = {
    "echo": (20_000, 30_000),
    "fan-in": (41_000, 81_000),
    "iteration": (9_000, 18_000),
    "connect": (50, 450),
    "request": (10_000, 20_000),
    "start": (16_000, 48_000),
    "callback": (10_000, 20_000),
    "correlate": (10_000, 20_000),
}
# What Python compiles to bytecode in the first of two runs, and not in the second, is no cost of a message.
COMPILE = """
import compileall, sys, k6ws
for folder in (k6ws.__path__[0], sys.argv[1]):
    compileall.compile_dir(folder, quiet=2)
"""
ROUNDS = 1
LIMIT = 1.03


def main() -> int:
    if shutil.which("valgrind") is None:
        print("bench: valgrind is not installed", file=sys.stderr)
        return 1
    build_floor()
    pythons = [sys.executable, *sys.argv[1:2]]
    for workload in sys.argv[2:] or COUNTS:
        counts = COUNTS[workload]
        rounds = [
            [each(python, workload, counts, CONNS) for python in pythons] for _ in range(ROUNDS)
        ]
        ours = median(found[0] for found in rounds)
        line = f"{workload:<10}{ours:>10,.0f} instructions"
        if len(pythons) > 1:
            ratios = [found[0] / found[1] for found in rounds]
            kept = "ok" if median(ratios) <= LIMIT else "MORE"
            shown = f"{median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})"
            line += f"   × {shown} of {median(found[1] for found in rounds):,.0f}  {kept}"
        print(line, flush=True)
    return 0


def each(python: str, workload: str, counts: tuple[int, int], conns: int) -> float:
    """What one more costs, from a run of a few and a run of many."""
    few, many = counts
    subprocess.run([python, "-c", COMPILE, PEER.parent], check=True, timeout=60)
    found: list[int] = []
    for count in counts:
        with _target(workload, count // conns) as url:
            found.append(collected([python, PEER, workload, url, str(count), str(conns)]))
    return (found[1] - found[0]) / (many - few)


def collected(command: Sequence[str | Path]) -> int:
    """The instructions of a whole program."""
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={OUT / 'callgrind.out'}"]
    done = subprocess.run(
        [*valgrind, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
        env={"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"},
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])


@contextmanager
def _target(workload: str, messages: int) -> Generator[str]:
    if workload != "fan-in":
        with echo_target() as url:
            yield url
        return
    command = [str(OUT / "server"), "flood", str(messages)]
    flood = spawn(command, core=SERVER_CORE, stdout=subprocess.PIPE)
    try:
        assert flood.stdout is not None  # stdout=PIPE above
        yield flood.stdout.readline().decode().strip()
    finally:
        flood.kill()
        flood.communicate()


if __name__ == "__main__":
    sys.exit(main())
