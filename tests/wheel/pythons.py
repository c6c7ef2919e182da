"""Which Pythons this machine has, and for which of them wheels are built.

Each is asked by running it: a version manager puts stand-ins on `PATH` that run nothing. `PYTHONS`, if set,
names those that are meant, as paths or as commands.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LEAST = (3, 11)
PATIENCE_S = 20
NAME = re.compile(r"python3(\.\d+)?")
ASK = """
import sys, sysconfig
is_free_threaded = int(bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
print(sys.implementation.name, *sys.version_info[:3], sys.version_info.releaselevel, is_free_threaded,
      getattr(sys, "_base_executable", sys.executable))
"""


class UnusableError(Exception):
    """A Python that was named is none that wheels are built for."""


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter that answered."""

    path: Path
    """The interpreter itself, not that of a virtual environment."""
    implementation: str
    version: tuple[int, int, int]
    release_level: str = "final"
    is_free_threaded: bool = False

    @property
    def tag(self) -> str:
        """As wheels name it: `cp312`."""
        return f"cp{self.version[0]}{self.version[1]}"

    @property
    def fault(self) -> str | None:
        """Why no wheel is built for it, if none is."""
        if self.implementation != "cpython":
            return f"{self.implementation}: only CPython has what k6ws needs"
        if self.version[:2] < LEAST:
            return "older than {}.{}".format(*LEAST)
        if self.release_level != "final":
            return f"{self.release_level}: what a release breaks is not known yet"
        if self.is_free_threaded:
            return "free-threaded: docs/platforms.md says what is missing"
        return None

    def __str__(self) -> str:
        """For people."""
        return f"{'.'.join(map(str, self.version))} ({self.path})"


def chosen(environment: Mapping[str, str], home: Path) -> tuple[list[Python], list[str]]:
    """One Python of each version, and why others are left out.

    Args:
        environment: its `PATH` is searched, and `PYENV_ROOT`; or `PYTHONS` says which.
        home: where pyenv keeps its versions unless told otherwise.

    Raises:
        UnusableError: one that `PYTHONS` names does not run, or is none that wheels are built for.
    """
    if words := environment.get("PYTHONS", "").split():
        named = [_named(word, environment.get("PATH")) for word in words]
        return sorted({one.tag: one for one in named}.values(), key=lambda one: one.version), []
    root = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    folders = [Path(one) for one in environment.get("PATH", "").split(":") if one]
    folders += sorted(root.glob("versions/*/bin"))
    newest: dict[str, Python] = {}
    left_out: dict[Path, str] = {}
    for one in _running(folders):
        if one.fault:
            left_out[one.path] = f"{one}: {one.fault}"
        elif one.tag not in newest or newest[one.tag].version < one.version:
            newest[one.tag] = one
    return sorted(newest.values(), key=lambda one: one.version), list(left_out.values())


def ask(path: Path) -> Python | None:
    """What an interpreter says of itself; nothing if it does not run."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", ASK],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.strip().split(" ", 6)
    if done.returncode or len(words) != 7:
        return None
    implementation, *numbers, level, is_free, base = words
    major, minor, patch = map(int, numbers)
    return Python(Path(base), implementation, (major, minor, patch), level, is_free == "1")


def _running(folders: list[Path]) -> Iterator[Python]:
    seen: set[Path] = set()
    for folder in folders:
        candidates = [one for one in sorted(folder.glob("python3*")) if NAME.fullmatch(one.name)]
        for path in candidates:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            if (one := ask(path)) is not None:
                yield one


def _named(word: str, path: str | None) -> Python:
    where = shutil.which(word, path=path)
    one = None if where is None else ask(Path(where))
    if one is None:
        message = (
            f"PYTHONS: {word} is no Python that runs: name commands or paths, with spaces between"
        )
        raise UnusableError(message)
    if one.fault:
        message = f"PYTHONS: {word} is {one}: {one.fault}"
        raise UnusableError(message)
    return one
