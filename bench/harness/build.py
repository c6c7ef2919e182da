"""Builds the C programs of bench/floor into bench/out, when they are older than their sources."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .machine import BENCH, OUT, ROOT

FLOOR = BENCH / "floor"
FLAGS = ("-O2", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra")


class BuildError(Exception):
    """The floor could not be built; without it nothing can be compared."""


def build_floor() -> None:
    """Raises BuildError when there is no C compiler or it refuses."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise BuildError("no C compiler: install one or name it in CC")
    OUT.mkdir(exist_ok=True)
    for program in ("server", "client"):
        source, target = FLOOR / f"{program}.c", OUT / program
        newest = max(source.stat().st_mtime, (FLOOR / "wire.h").stat().st_mtime)
        if target.exists() and target.stat().st_mtime > newest:
            continue
        done = subprocess.run(
            [compiler, *FLAGS, "-o", target, source], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BuildError(f"{source.name} does not compile:\n{done.stderr}")


def find_bench(name: str) -> Path | None:
    """The newest binary of a Rust client that `cargo bench` has left, if any."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    found = [
        path
        for path in (target / "release" / "deps").glob(f"{name}-*")
        if path.suffix == "" and os.access(path, os.X_OK)
    ]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)
