"""For which machines wheels can be built here: whose standard library Rust has at hand."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TAGS = {
    "x86_64-unknown-linux-gnu": "manylinux_2_28_x86_64",
    "aarch64-unknown-linux-gnu": "manylinux_2_28_aarch64",
    "x86_64-unknown-linux-musl": "musllinux_1_2_x86_64",
    "aarch64-unknown-linux-musl": "musllinux_1_2_aarch64",
}
"""What a wheel for a target is tagged with."""
OWN = f"{platform.machine()}-unknown-linux-gnu"
"""What this machine is, where glibc is: wheels of its own tag are tested here."""


class UnknownTargetError(Exception):
    """A target that was named is none that wheels are built for."""


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of machine, as Rust names it."""

    name: str

    @property
    def tag(self) -> str:
        """The end of the name of its wheels."""
        return TAGS[self.name]

    @property
    def compatibility(self) -> str:
        """The tag without the processor."""
        return self.tag.removesuffix(f"_{self.name.split('-', 1)[0]}")

    @property
    def is_own(self) -> bool:
        """Whether it is that of this machine."""
        return self.name == OWN


def chosen(environment: Mapping[str, str], root: Path) -> tuple[list[Target], list[str]]:
    """The targets that can be built, this machine's first, and what is missing for the others.

    Args:
        environment: `TARGETS`, if set, says which are meant.
        root: the checkout, whose toolchain is asked.

    Raises:
        UnknownTargetError: `TARGETS` names one that no wheel is tagged for.
    """
    names = environment.get("TARGETS", "").split() or list(TAGS)
    if strange := [name for name in names if name not in TAGS]:
        message = f"TARGETS: {strange[0]} is none of {', '.join(TAGS)}"
        raise UnknownTargetError(message)
    missing = [
        f"{name}: Rust's standard library for it is missing (rustup target add {name})"
        for name in names
        if not _has_library(name, root)
    ]
    there = [Target(name) for name in names if not any(it.startswith(f"{name}:") for it in missing)]
    return sorted(there, key=lambda target: not target.is_own), missing


def _has_library(name: str, root: Path) -> bool:
    command = ["rustc", "--print", "target-libdir", "--target", name]
    said = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    return any(Path(said.strip()).glob("libstd-*.rlib"))
