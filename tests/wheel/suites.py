"""The whole suite under other Pythons, each in an environment of its own with the wheel built for it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import build
from .contents import Expected
from .pythons import Python
from .targets import OWN, Target

ENVIRONMENTS = build.ROOT / ".make" / "pythons"


def run(pythons: Sequence[Python], expected: Expected) -> int:
    """Runs the suite under each; 1 if one of them is red, after all of them."""
    outcomes: dict[str, tuple[int, str]] = {}
    for python in pythons:
        wanted = build.Wanted(Target(OWN), python)
        wheel, wrong = build.build(wanted, expected, is_fresh_enough=True)
        if wrong:
            outcomes[str(python)] = 1, "; ".join(wrong)
            continue
        outcomes[str(python)] = _suite(python, environment(python, wheel))
    for name, (code, said) in outcomes.items():
        print(f"Python {name}: {'green' if code == 0 else 'RED'}: {said}")
    return 1 if any(code for code, _ in outcomes.values()) else 0


def environment(python: Python, wheel: Path) -> Path:
    """The folder of an environment that has this wheel and what tests need."""
    folder = ENVIRONMENTS / python.tag
    log = folder.with_suffix(".log")
    subprocess.run([python.path, "-m", "venv", "--clear", folder], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install"]
    for words in (
        ["--upgrade", "pip>=25.1"],
        [str(wheel), "--group", "test"],
    ):
        what = f"installing for {python.tag}: {' '.join(words)}"
        telling = [str(build.ROOT / ".ci" / "with-progress"), str(log), what]
        subprocess.run([*telling, *pip, *words], cwd=build.ROOT, check=True)
    return folder


def _suite(python: Python, folder: Path) -> tuple[int, str]:
    log = ENVIRONMENTS / f"{python.tag}-suite.log"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    given = {
        **kept,
        "VIRTUAL_ENV": str(folder),
        "PATH": os.pathsep.join([str(folder / "bin"), os.environ["PATH"]]),
    }
    what = f"testing under {python}: {log.relative_to(build.ROOT)}"
    telling = [str(build.ROOT / ".ci" / "with-progress"), str(log), what]
    command = [*telling, str(folder / "bin" / "python"), "-m", "pytest", "-p", "no:cacheprovider"]
    code = subprocess.run(command, cwd=build.ROOT, env=given, check=False).returncode
    lines = re.findall(r"^=+ (.*) =+$", log.read_text(errors="replace"), re.MULTILINE)
    return code, lines[-1] if lines else f"it ended with {code}"
