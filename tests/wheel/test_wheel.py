"""The wheel that `make wheel` builds, as its user has it: an empty environment, no Rust, `hello.py`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from k6ws import _core

ROOT = Path(__file__).parents[2]
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
WHEEL = ROOT / "dist" / f"k6ws-{_core.__version__}-{PYTHON}-{PYTHON}-manylinux_2_28_x86_64.whl"

pytestmark = [
    pytest.mark.skipif(
        not WHEEL.exists(), reason="`make wheel` has built none; see `make test-wheel`"
    ),
    pytest.mark.timeout(240),  # pip asks the registry for what the wheel depends on
]


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment where nothing but the wheel was installed, without a compiler."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    run([programs / "python", "-m", "pip", "install", "--quiet", WHEEL], programs)
    return programs


def run(command: list[str | Path], programs: Path) -> str:
    """What a command prints where the environment's own programs are all there is."""
    environment = {**os.environ, "PATH": str(programs)}
    environment.pop("PYTHONPATH", None)
    assert not any(shutil.which(tool, path=environment["PATH"]) for tool in ("cargo", "cc", "zig"))
    done = subprocess.run(
        command,
        cwd=programs.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_what_is_imported_is_the_wheel(bin_folder: Path) -> None:
    where = run(
        [bin_folder / "python", "-W", "error", "-c", "import k6ws; print(k6ws.__file__)"],
        bin_folder,
    )
    assert Path(where).is_relative_to(bin_folder.parent)


def test_hello_runs_against_the_target_of_the_wheel(bin_folder: Path) -> None:
    hello = shutil.copy(ROOT / "examples" / "hello.py", bin_folder.parent)
    with subprocess.Popen(
        [bin_folder / "k6ws", "echo", "--port", "0"],
        env={"PATH": str(bin_folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as target:
        try:
            assert target.stdout
            url = target.stdout.readline().strip()
            printed = run([bin_folder / "k6ws", "run", "-e", f"URL={url}", hello], bin_folder)
        finally:
            target.terminate()
    assert "✓ status is 101" in printed
    assert re.search(r"iterations\.+: [1-9]", printed)


def test_the_plugin_of_pytest_is_in_it() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
        [points] = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
        assert "k6ws=pytest_k6ws" in wheel.read(points).decode().replace(" ", "")
    assert "pytest_k6ws/__init__.py" in names
