"""Every example is in the table of examples/README.md, and `make examples` runs it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
TABLE = (EXAMPLES / "README.md").read_text()
SCRIPTS = {path.name for path in EXAMPLES.glob("*.py")}


def test_every_example_is_in_the_table() -> None:
    assert set(re.findall(r"\]\((\w+\.py)\)", TABLE)) == SCRIPTS


def test_every_example_is_run() -> None:
    run = runpy.run_path(str(EXAMPLES / "targets" / "run.py"))
    assert {name for name in run["SCRIPTS"] if "/" not in name} == SCRIPTS
