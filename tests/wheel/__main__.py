"""`python -m wheel all|this|packed|suites`: `make wheels`, `wheel`, `test-py` and `test-pythons`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from . import build, suites, targets
from .pythons import Python, UnusableError, chosen
from .targets import OWN, Target, UnknownTargetError


def main() -> int:
    """Does what it is told; 1 where something is wrong, 2 where it is told what it cannot do."""
    commands = {"all": every, "this": this, "packed": packed, "suites": others}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return commands[sys.argv[1]]()
    except (UnusableError, UnknownTargetError) as error:
        print(error, file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(map(str, error.cmd))} ended with {error.returncode}", file=sys.stderr)
        return 1


def every() -> int:
    """All wheels that can be built here, and the source distribution."""
    pythons, machines = found(), targets.chosen(os.environ, build.ROOT)
    if not pythons:
        return 1
    print(f"for: {', '.join(target.tag for target in machines[0])}")
    for one in machines[1]:
        print(f"not built: {one}")
    build.DIST.mkdir(exist_ok=True)
    for old in [*build.DIST.glob("k6ws-*.whl"), *build.DIST.glob("k6ws-*.tar.gz")]:
        old.unlink()
    expected = build.prepare()
    build.source(expected)
    wrong: list[str] = []
    for wanted in build.plan(pythons, machines[0]):
        try:
            wrong += build.build(wanted, expected)[1]
        except subprocess.CalledProcessError:
            # The others are none the worse for it.
            wrong.append(f"{wanted.tags} is not built, see above")
    return told(wrong)


def this() -> int:
    """The wheel of the Python that runs this, for this machine."""
    python = chosen({"PYTHONS": sys.executable}, Path.home())[0][0]
    return told(build.build(build.Wanted(Target(OWN), python), build.prepare())[1])


def packed() -> int:
    """The wheel that the gate installs."""
    build.pack()
    return 0


def others() -> int:
    """The suite of every other Python, on a wheel of its own."""
    running = f"cp{sys.version_info.major}{sys.version_info.minor}"
    pythons = [one for one in found() if one.tag != running or "PYTHONS" in os.environ]
    if not pythons:
        print(f"no Python but {running}: install another, or name one: PYTHONS=/path/to/python3")
        return 1
    return suites.run(pythons, build.prepare())


def found() -> list[Python]:
    """The Pythons, each told."""
    pythons, left_out = chosen(os.environ, Path.home())
    for one in pythons:
        print(f"found: Python {one}")
    for one in left_out:
        print(f"left out: Python {one}")
    if not pythons:
        print("no Python that wheels are built for is on PATH or among pyenv's", file=sys.stderr)
    return pythons


def told(wrong: list[str]) -> int:
    """What is wrong, and the exit code of that."""
    for one in wrong:
        print(f"wrong: {one}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
