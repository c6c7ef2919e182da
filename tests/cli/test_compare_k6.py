"""The comparison with k6 runs; against what was recorded of k6, one short case."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "compare_k6" / "run.py"


def compare(*words: str) -> tuple[int, str]:
    command = [sys.executable, SCRIPT, "--only", "per-vu-iterations, cut short", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_without_k6_the_recorded_figures_stand_in_its_column() -> None:
    code, out = compare("--k6", "")
    assert code == 0, out
    rows = {line[2:36].strip(): line[36:].split() for line in out.splitlines() if line[:2] == "  "}
    assert rows["iterations"] == ["9", "9"]
    assert rows["dropped"] == ["6", "6"]


def test_a_difference_is_told(tmp_path: Path) -> None:
    fake = tmp_path / "k6"
    fake.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        "if sys.argv[1] == 'version':\n    sys.exit(print('k6 of another kind'))\n"
        "report = [w for w in sys.argv if w.startswith('REPORT=')][0][7:]\n"
        "open(report, 'w').write(json.dumps({'metrics': {'iterations': {'values': {'count': 8}}}}))\n"
        "print('ITERATION 1 0')\n"
    )
    fake.chmod(0o755)
    code, out = compare("--k6", str(fake))
    assert code == 1, out
    assert "k6 of another kind" in out
    assert "DIFFERENT" in out
