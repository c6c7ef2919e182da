"""What is allowed, read from deny.toml: the file that cargo-deny reads, too."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Policy:
    """The parts of deny.toml that are looked at here."""

    targets: tuple[str, ...] = ()
    """For whom k6ws is built."""
    licences: frozenset[str] = frozenset()
    """SPDX names of what may be linked or installed."""
    exceptions: frozenset[tuple[str, str]] = frozenset()
    """Crates that may have a licence that others may not: (crate, licence)."""
    banned: frozenset[str] = frozenset()
    """Crates that must not be there."""
    twins: frozenset[str] = frozenset()
    """`name@version` that may stand beside another version of itself."""

    @classmethod
    def read(cls, path: Path) -> Policy:
        """From a file."""
        said = tomllib.loads(path.read_text())
        licences, bans = said["licenses"], said["bans"]
        return cls(
            targets=tuple(said["graph"]["targets"]),
            licences=frozenset(licences["allow"]),
            exceptions=frozenset(
                (one["crate"], name)
                for one in licences.get("exceptions", [])
                for name in one["allow"]
            ),
            banned=frozenset(one["crate"] for one in bans["deny"]),
            twins=frozenset(one["crate"] for one in bans["skip"]),
        )
