"""Each wheel of a folder, as its user has it: an empty environment, no compiler, scripts that run.

`make test-wheel` takes those of `dist/`, under every Python that is here; `make test-py` the one it packs.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from k6ws import _core

from . import build
from .contents import PAGE, STABLE, Expected, faults
from .pythons import Python, chosen
from .targets import OWN, TAGS

ROOT = Path(__file__).parents[2]
FOLDER = os.environ.get("WHEELS")
"""Where the wheels are; nothing is tested here without it."""
OWN_TAGS = {TAGS.get(OWN), f"linux_{platform.machine()}"}
TUTORIAL = ROOT / "docs" / "tutorial" / "first-load-test.md"
ABOUT = """
import json, pathlib
from importlib import metadata
import k6ws
from k6ws import _core
folder = pathlib.Path(k6ws.__file__).parent
print(json.dumps({
    "folder": str(folder),
    "extension": pathlib.Path(_core.__file__).name,
    "version": k6ws.__version__,
    "metadata": metadata.version("k6ws"),
    "typed": (folder / "py.typed").is_file() and (folder / "_core" / "__init__.pyi").is_file(),
    "page": (folder / "_ui" / "page.html").is_file(),
    "licence": metadata.metadata("k6ws")["License-Expression"],
    "licences": sorted(path.name for path in metadata.files("k6ws") if "licenses" in path.parts),
}))
"""

pytestmark = pytest.mark.timeout(600)  # pip asks the registry for what the wheel depends on


def wheels() -> list[Path]:
    """Those of the folder, newest tags last."""
    return sorted((ROOT / FOLDER).glob("k6ws-*.whl")) if FOLDER else []


def is_portable(wheel: Path) -> bool:
    """Whether it is for more machines than this one, which the gate's is not."""
    return not wheel.stem.split("-")[-1].startswith("linux_")


def has_page(wheel: Path) -> bool:
    """Whether the page is in it: in the gate's, if somebody has built that."""
    return is_portable(wheel) or (ROOT / "python" / PAGE).exists()


def installations() -> list[object]:
    """Each wheel with each Python that is here and takes it; where there is none, the reason."""
    pythons = chosen(os.environ, Path.home())[0] if FOLDER else []
    found: list[object] = []
    for wheel in wheels():
        _, _, tag, kind, machine = wheel.stem.split("-")
        takers = [one for one in pythons if kind == STABLE or one.tag == tag]
        if machine not in OWN_TAGS:
            skip = pytest.mark.skip(reason=f"{wheel.name} is for another machine")
            found.append(pytest.param(None, marks=skip, id=wheel.stem))
        elif not takers:
            skip = pytest.mark.skip(reason=f"the Python of {wheel.name} is not here")
            found.append(pytest.param(None, marks=skip, id=wheel.stem))
        else:
            found += [pytest.param((wheel, it), id=f"{it.tag}-{kind}") for it in takers]
    if not found:
        skip = pytest.mark.skip(reason="no wheel was asked for; see `make test-wheel`")
        found.append(pytest.param(None, marks=skip, id="none"))
    return found


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment where nothing but a wheel was installed."""

    wheel: Path
    python: Python
    programs: Path

    def run(self, *command: str | Path) -> str:
        """What a program of the environment prints; these are all there is, and none is a compiler."""
        environment = {"PATH": str(self.programs), "PYTHONUTF8": "1"}
        for tool in ("cargo", "cc", "zig"):
            assert shutil.which(tool, path=environment["PATH"]) is None
        done = subprocess.run(
            [self.programs / command[0], *command[1:]],
            cwd=self.programs.parent,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    @contextmanager
    def target(self, *flags: str) -> Generator[str]:
        """The URL of the target that the wheel brings."""
        with subprocess.Popen(
            [self.programs / "k6ws", "echo", "--port", "0", *flags],
            env={"PATH": str(self.programs)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as target:
            try:
                assert target.stdout
                yield target.stdout.readline().strip()
            finally:
                target.terminate()


@pytest.fixture(scope="module", params=installations())
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    wheel, python = request.param
    folder = tmp_path_factory.mktemp("empty")
    subprocess.run([python.path, "-m", "venv", folder], check=True)
    environment = Installed(wheel, python, folder / "bin")
    environment.run("python", "-m", "pip", "install", "--quiet", wheel)
    return environment


def test_what_is_installed_is_the_wheel_with_all_that_belongs_to_it(installed: Installed) -> None:
    said = json.loads(installed.run("python", "-W", "error", "-c", ABOUT))
    assert Path(said.pop("folder")).is_relative_to(installed.programs.parent)
    is_stable = f"-{STABLE}-" in installed.wheel.name
    assert (".abi3." in said.pop("extension")) is is_stable
    assert said == {
        "version": _core.__version__,
        "metadata": _core.__version__,
        "typed": True,
        "page": has_page(installed.wheel),
        "licence": "Apache-2.0",
        "licences": ["LICENSE", "LICENSES-third-party.txt"],
    }


def test_both_ways_to_start_it_say_its_version(installed: Installed) -> None:
    by_name = installed.run("k6ws", "--version")
    assert _core.__version__ in by_name
    assert installed.run("python", "-m", "k6ws", "--version") == by_name


def test_hello_runs_against_the_target_of_the_wheel(installed: Installed) -> None:
    with installed.target() as url:
        hello = ROOT / "examples" / "hello.py"
        printed = installed.run("k6ws", "run", "-e", f"URL={url}", hello)
    assert "✓ status is 101" in printed
    assert re.search(r"iterations\.+: [1-9]", printed)


def test_the_script_of_the_demo_runs_and_leaves_a_page(installed: Installed) -> None:
    report = installed.programs.parent / "run.html"
    flags = ["--report", report] if has_page(installed.wheel) else []
    with installed.target() as url:
        script = ROOT / "examples" / "ws_echo.py"
        printed = installed.run("k6ws", "run", *flags, "-e", f"URL={url}", script)
    assert "message received: " in printed
    assert "PONG!" in printed
    assert report.exists() is bool(flags)
    if flags:
        assert "application/json" in report.read_text()


def test_the_script_of_the_tutorial_holds_its_thresholds(installed: Installed) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", TUTORIAL.read_text(), re.MULTILINE | re.DOTALL)
    script = installed.programs.parent / "chat.py"
    script.write_text(blocks[-1])
    with installed.target("--chat") as url:
        printed = installed.run("k6ws", "run", "--quiet", "-e", f"URL={url}", script)
    assert printed.splitlines()[-1].startswith("PASSED")


@pytest.mark.skipif(not FOLDER, reason="no wheel was asked for; see `make test-wheel`")
def test_each_wheel_has_what_it_must_and_runs_where_it_says() -> None:
    expected = Expected.of(ROOT)
    assert wheels(), f"{FOLDER} has no wheel: `make wheels` builds them"
    wrong: list[str] = []
    for wheel in wheels():
        if is_portable(wheel):
            wrong += faults(wheel, expected) + build.audited(wheel)
        else:
            files = expected.files if has_page(wheel) else expected.files - {PAGE}
            wrong += faults(wheel, replace(expected, files=files, places=()))
    assert wrong == []
