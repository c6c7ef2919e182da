"""Where crates come from: the one public registry, each with the checksum of what was downloaded."""

from __future__ import annotations

from collections.abc import Sequence

from .parts import Part


def findings(crates: Sequence[Part]) -> list[str]:
    """Crates from elsewhere: a path, a repository, a second registry."""
    registries = [crate.source for crate in crates if is_registry(crate)]
    first = max(set(registries), key=registries.count, default=None)
    found = [
        f"{crate.url} comes from {crate.source or 'a path'}"
        for crate in crates
        if not is_registry(crate) or crate.source != first
    ]
    return found + [f"{crate.url} has no checksum" for crate in crates if crate.checksum is None]


def is_registry(crate: Part) -> bool:
    """Whether a registry has it, where what was published once stays as it is."""
    return (crate.source or "").startswith(("registry+", "sparse+"))
