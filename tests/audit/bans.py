"""Crates that must not be there, and crates that are there twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from .parts import Part
from .policy import Policy


def findings(crates: Iterable[Part], policy: Policy) -> list[str]:
    """What is banned, what stands twice without a reason, and reasons that are no longer needed."""
    versions: defaultdict[str, set[str]] = defaultdict(set)
    for crate in crates:
        versions[crate.name].add(crate.version)
    found = [f"{name} is banned" for name in sorted(policy.banned & set(versions))]
    needless = set(policy.twins)
    for name, several in sorted(versions.items()):
        excused = {version for version in several if is_excused(name, version, policy)}
        if len(several) > 1:
            needless -= {one for one in policy.twins if one.split("@")[0] == name}
        if len(several - excused) > 1:
            found.append(f"{name} is there in the versions {', '.join(sorted(several))}")
    return found + [
        f"{one} has no twin any more: take it from deny.toml" for one in sorted(needless)
    ]


def is_excused(name: str, version: str, policy: Policy) -> bool:
    """Whether deny.toml says why this version may stand beside another; `syn@2` is every 2.x."""
    return any(f"{name}@{version}.".startswith(f"{one}.") for one in policy.twins)
