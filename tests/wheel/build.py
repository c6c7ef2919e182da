"""Builds wheels, by maturin with zig as the linker, and looks at each: what is in it, where it may run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit import notices, sbom
from audit.parts import bundled, crates
from audit.policy import Policy

from .contents import BILL, NOTICES, PAGE, STABLE, Expected, faults
from .pythons import LEAST, Python
from .targets import Target

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
MADE = ROOT / ".make" / "wheels"
PACKED = MADE / "packed"
# Not that of `make build`: another linker, other Pythons. Neither undoes what the other has compiled.
CARGO_TARGET = ROOT / "target" / "zig"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wheel that is to be built."""

    target: Target
    python: Python
    """Whose it is; of the stable one, by which it is built."""
    is_stable: bool = False
    """Whether it is by Python's limited API, for every Python from the oldest on."""

    @property
    def tags(self) -> str:
        """The end of its name."""
        oldest = "cp{}{}".format(*LEAST)
        first, second = (oldest, STABLE) if self.is_stable else (self.python.tag, self.python.tag)
        return f"{first}-{second}-{self.target.tag}"

    @property
    def command(self) -> list[str]:
        """What builds it. Where a target is another machine's, its Python cannot be asked, only named."""
        major, minor = self.python.version[:2]
        interpreter = str(self.python.path) if self.target.is_own else f"python{major}.{minor}"
        return [
            *("maturin", "build", "--release", "--locked", "--zig", "--target", self.target.name),
            *("--compatibility", self.target.compatibility, "--auditwheel", "check"),
            *("--interpreter", interpreter, "--sbom-include", str(MADE / BILL), "--out", str(DIST)),
            *(("--features", "abi3") if self.is_stable else ()),
        ]


def plan(pythons: Sequence[Python], targets: Sequence[Target]) -> list[Wanted]:
    """For this machine a wheel of each Python and a stable one; for each other machine the stable one."""
    own = [Wanted(target, python) for target in targets if target.is_own for python in pythons]
    return own + [Wanted(target, pythons[0], is_stable=True) for target in targets]


def prepare() -> Expected:
    """Writes what wheels carry beside the package; says what each must have."""
    MADE.mkdir(parents=True, exist_ok=True)
    policy = Policy.read(ROOT / "deny.toml")
    page = bundled(ROOT / "src" / "page" / "package-lock.json", ROOT / ".make/page/node_modules")
    parts = [part for part in crates(ROOT, policy.targets) if part.is_shipped] + page
    notices.write(ROOT / NOTICES, parts)
    sbom.write(MADE / BILL, parts)
    return Expected.of(ROOT, *_homes(os.environ))


def build(
    wanted: Wanted, expected: Expected, *, is_fresh_enough: bool = False
) -> tuple[Path, list[str]]:
    """Builds one.

    Args:
        wanted: which one.
        expected: what it must have.
        is_fresh_enough: whether one that is there will do, if it is newer than all its sources.

    Returns:
        The wheel, and what is wrong with it.

    Raises:
        CalledProcessError: it does not build; what was said has been shown.
    """
    wheel = DIST / f"k6ws-{expected.version}-{wanted.tags}.whl"
    if is_fresh_enough and is_fresh(wheel):
        return wheel, faults(wheel, expected) + audited(wheel)
    started = time.monotonic()
    log = MADE / f"{wanted.tags}.log"
    what = f"building {wanted.tags}: 2 to 5 minutes on 2 cores"
    command = [str(ROOT / ".ci" / "with-progress"), str(log), what, *wanted.command]
    subprocess.run(command, cwd=ROOT, env=_environment(os.environ), check=True)
    if not wheel.exists():
        return wheel, [f"{wheel.name}: maturin names it otherwise, see {log.relative_to(ROOT)}"]
    took = time.monotonic() - started
    print(f"  {wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1e6:.1f} MB, {took:.0f} s")
    return wheel, faults(wheel, expected) + audited(wheel)


def is_fresh(wheel: Path) -> bool:
    """Whether a wheel is there and newer than all that it is made of."""
    sources = [ROOT / name for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml")]
    sources += [*(ROOT / "src").rglob("*.rs"), *(ROOT / "python").rglob("*.py*")]
    sources += [ROOT / "python" / PAGE]
    made = [path for path in sources if "__pycache__" not in path.parts and path.exists()]
    return wheel.exists() and all(path.stat().st_mtime < wheel.stat().st_mtime for path in made)


def pack() -> Path:
    """Packs what `make build` has compiled, in seconds: a wheel for a libc that is as new as this machine's.

    The gate installs that one. Nothing is compiled, since cargo is told the same as by `make build`; so it is
    not linked by zig, is tagged `linux` and not `manylinux`, and has the page only after `make page`.
    """
    expected = prepare()
    PACKED.mkdir(parents=True, exist_ok=True)
    for old in PACKED.glob("*.whl"):
        old.unlink()
    python = Path(getattr(sys, "_base_executable", sys.executable))
    command = [
        "maturin",
        "build",
        "--release",
        "--compatibility",
        "linux",
        "--interpreter",
        str(python),
    ]
    command += ["--sbom-include", str(MADE / BILL), "--out", str(PACKED)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    what = [str(ROOT / ".ci" / "with-progress"), str(MADE / "packed.log"), ""]
    subprocess.run([*what, *command], cwd=ROOT, env=kept, check=True)
    tag = "cp{}{}".format(*sys.version_info)
    (wheel,) = PACKED.glob(f"k6ws-{expected.version}-{tag}-{tag}-linux_*.whl")
    print(f"packed {wheel.relative_to(ROOT)}: built without zig, for this machine's libc")
    return wheel


def source(expected: Expected) -> Path:
    """Writes the source distribution."""
    log = str(MADE / "sdist.log")
    command = ["maturin", "sdist", "--out", str(DIST)]
    what = [str(ROOT / ".ci" / "with-progress"), log, "packing the source distribution"]
    subprocess.run([*what, *command], cwd=ROOT, env=_environment(os.environ), check=True)
    packed = DIST / f"k6ws-{expected.version}.tar.gz"
    print(f"  {packed.relative_to(ROOT)}: {packed.stat().st_size / 1e6:.1f} MB")
    return packed


def audited(wheel: Path) -> list[str]:
    """What auditwheel says of the libraries that a wheel needs, where that is more than its tag allows."""
    command = [sys.executable, "-m", "auditwheel", "show", str(wheel)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    claimed = wheel.stem.rsplit("-", 1)[-1]
    found = re.search(r'platform\s+tag:\s+"([^"]+)"', done.stdout)
    if done.returncode or found is None:
        return [f"{wheel.name}: auditwheel says: {(done.stderr or done.stdout).strip()}"]
    if not is_covered(found[1], claimed):
        return [f"{wheel.name}: auditwheel finds {found[1]}"]
    return []


def is_covered(found: str, claimed: str) -> bool:
    """Whether what runs on `found` runs on `claimed`: the same libc and processor, and no newer a libc."""
    tag = re.compile(r"(?P<libc>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)_(?P<machine>.+)")
    one, other = tag.fullmatch(found), tag.fullmatch(claimed)
    if one is None or other is None:
        return False
    numbers = [(int(it["major"]), int(it["minor"])) for it in (one, other)]
    is_same = (one["libc"], one["machine"]) == (other["libc"], other["machine"])
    return is_same and numbers[0] <= numbers[1]


def _homes(environment: Mapping[str, str]) -> list[Path]:
    return [
        Path(environment.get(name) or Path.home() / folder)
        for name, folder in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup"))
    ]


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What maturin is given: places of this machine are not told in messages of panics."""
    cargo, _ = _homes(environment)
    remapped = [f"--remap-path-prefix={cargo}=/cargo", f"--remap-path-prefix={ROOT}=/k6ws"]
    flags = " ".join([environment.get("RUSTFLAGS", ""), *remapped]).strip()
    kept = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    return {**kept, "RUSTFLAGS": flags, "CARGO_TARGET_DIR": str(CARGO_TARGET)}
