"""The stub of the compiled module says what the compiled module is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ALLOWLIST = TESTS / "stubtest_allowlist.txt"


# It reads the whole package, and keeps what it has read for the next time.
@pytest.mark.timeout(120)
def test_the_stub_agrees_with_the_compiled_module() -> None:
    # stubtest also fails when an entry of the allowlist is no longer needed.
    command = [sys.executable, "-m", "mypy.stubtest", "k6ws._core", "--allowlist", str(ALLOWLIST)]
    checked = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_allowed_difference_has_a_reason() -> None:
    entries = [line for line in ALLOWLIST.read_text().splitlines() if not line.startswith("#")]
    assert [entry for entry in entries if " # " not in entry] == []
