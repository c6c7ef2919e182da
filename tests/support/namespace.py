"""A network of its own for a script: root in a new user, mount and network namespace, loopback up.

What runs there may listen on port 53, change the range of local ports and say where names are resolved;
nothing of it is seen outside. Where the kernel does not allow namespaces the test is skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

PATIENCE_S = 60
_UNSHARE = ["unshare", "--map-root-user", "--mount", "--net"]
_TESTS = Path(__file__).parent.parent


def run_in_namespace(script: str, *arguments: str) -> Any:
    """What a script reports there: it calls ``report(value)`` once, with something that JSON has."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare (package util-linux)")
    probe = subprocess.run([*_UNSHARE, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"no namespaces here: {probe.stderr.strip()}")
    lines = [
        f"import sys; sys.path.insert(0, {str(_TESTS)!r})",
        "from support.inside import *",
        textwrap.dedent(script),
    ]
    command = [*_UNSHARE, sys.executable, "-c", "\n".join(lines), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])
