"""`make bench-start-up`: CPU time until a process that uses k6ws begins its work, above that of bare Python.

Each command runs in interleaved rounds, as does `python -c pass`; the least of each counts, as whatever else
the machine does only adds. Compiled modules lie in a folder of their own, which the first round fills.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.machine import CLIENT_CORE, PINNED
from harness.measure import RunError
from harness.rows import Effort, Kind, Row

ROUNDS = 8
PYTHON = [sys.executable]
K6WS = [sys.executable, "-m", "k6ws"]
EMPTY = "def default():\n    pass\n"
LIMITS_MS = {
    "import k6ws": 20.0,
    "from k6ws import ws, check, sleep": 65.0,
    "k6ws --help": 120.0,
    "k6ws run, of an empty script": 200.0,
}


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"Start-up, CPU ms above bare Python, least of {rounds} rounds")
    for name, ms in _least(rounds).items():
        verdict = "ok" if ms <= LIMITS_MS[name] else "MISSED"
        print(f"  {name:<36}{ms:>6.0f}   {verdict}: ≤ {LIMITS_MS[name]:g}")
    return 0


def measure(_effort: Effort) -> dict[str, float]:
    """One round of the table: the least of three."""
    return {_TITLE.format(name): ms for name, ms in _least(3).items()}


def _least(rounds: int) -> dict[str, float]:
    """The least of each command, without that of bare Python; one more round comes first."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "empty.py")
        script.write_text(EMPTY)
        commands = {
            "bare Python": [*PYTHON, "-c", "pass"],
            "import k6ws": [*PYTHON, "-c", "import k6ws"],
            "from k6ws import ws, check, sleep": [
                *(*PYTHON, "-c", "from k6ws import ws, check, sleep")
            ],
            "k6ws --help": [*K6WS, "--help"],
            "k6ws run, of an empty script": [*K6WS, "run", str(script)],
        }
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        found: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                ms = _cpu_ms(command, environment)
                if number:
                    found[name].append(ms)
    bare = min(found.pop("bare Python"))
    return {name: min(figures) - bare for name, figures in found.items()}


def _cpu_ms(command: list[str], environment: dict[str, str]) -> float:
    """CPU time of a process, user and system."""
    pinned = ["taskset", "-c", str(CLIENT_CORE)] if PINNED else []
    process = subprocess.Popen(
        [*pinned, *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RunError(f"{' '.join(command)}: exit code {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000.0


_TITLE = "start-up: {}"
KIND = Kind(
    "start-up",
    [Row(_TITLE.format(name), "CPU ms above Python", ms) for name, ms in LIMITS_MS.items()],
    measure,
)

if __name__ == "__main__":
    sys.exit(main())
