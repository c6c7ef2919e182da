"""The source distribution, as pip takes it: it alone makes a wheel, in an environment that has nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from k6ws import _core

from .contents import Expected

ROOT = Path(__file__).parents[2]
FOLDER = os.environ.get("WHEELS", "")
PACKED = ROOT / FOLDER / f"k6ws-{_core.__version__}.tar.gz"
# That it builds is the question, not how fast what is built is.
UNOPTIMISED = {
    "CARGO_TARGET_DIR": str(ROOT / "target" / "sdist"),
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
}


@pytest.mark.skipif(not PACKED.is_file(), reason="`make wheels` has packed none")
@pytest.mark.timeout(1_200)  # it compiles everything
def test_a_wheel_is_built_from_it_and_has_the_whole_package(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True)
    python = tmp_path / "empty" / "bin" / "python"
    built = subprocess.run(
        [python, "-m", "pip", "install", "--no-deps", "--quiet", PACKED],
        cwd=tmp_path,
        env={**os.environ, **UNOPTIMISED},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    listed = "from importlib.metadata import files; print(*files('k6ws'), sep='\\n')"
    done = subprocess.run(
        [python, "-c", listed], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    installed = set(done.stdout.splitlines())
    assert Expected.of(ROOT).files - installed == set()
