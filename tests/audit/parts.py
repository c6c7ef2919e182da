"""What k6ws is made of: crates, as cargo resolves them, what the page has, what an install brings along."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tomllib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Part:
    """Something that others wrote."""

    ecosystem: str
    """`cargo`, `npm` or `pypi`, as package URLs call it."""
    name: str
    version: str
    licence: str
    """As its authors say it: an SPDX expression, or a word that is none."""
    is_shipped: bool = True
    """Whether it is in a wheel, or installed along with it: not for tests only."""
    is_direct: bool = False
    """Whether k6ws itself asks for it."""
    source: str | None = None
    """Where cargo has it from; `None` for a path."""
    checksum: str | None = None
    """SHA-256 of what was downloaded; SHA-512 from npm."""
    folder: Path | None = None
    """Where it lies on this machine, with the texts of its licences."""
    needs: tuple[str, ...] = ()
    """Package URLs of what it depends on."""

    @property
    def url(self) -> str:
        """The package URL (purl), which identifies it."""
        return f"pkg:{self.ecosystem}/{self.name}@{self.version}"


def crates(root: Path, targets: Sequence[str]) -> list[Part]:
    """Every crate of the build and of its tests, on these targets."""
    filters = [word for target in targets for word in ("--filter-platform", target)]
    command = ["cargo", "metadata", "--format-version=1", "--locked", *filters]
    said = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    lock = tomllib.loads((root / "Cargo.lock").read_text())
    return resolved(json.loads(said), lock)


def resolved(graph: dict[str, Any], lock: dict[str, Any]) -> list[Part]:
    """The crates of what `cargo metadata` and Cargo.lock say; our own is not among them."""
    packages = {package["id"]: package for package in graph["packages"]}
    nodes = {node["id"]: node for node in graph["resolve"]["nodes"]}
    ours = set(graph["workspace_members"])
    checksums = {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}

    def needed(node: str) -> Iterable[str]:
        for dependency in nodes[node]["deps"]:
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                yield dependency["pkg"]

    direct = {other for one in ours for other in needed(one)}
    shipped, waiting = set(direct), deque(direct)
    while waiting:
        new = set(needed(waiting.popleft())) - shipped
        shipped |= new
        waiting.extend(new)

    def url(one: str) -> str:
        return f"pkg:cargo/{packages[one]['name']}@{packages[one]['version']}"

    return [
        Part(
            ecosystem="cargo",
            name=packages[one]["name"],
            version=packages[one]["version"],
            licence=packages[one]["license"] or "",
            is_shipped=one in shipped,
            is_direct=one in direct,
            source=packages[one]["source"],
            checksum=checksums.get((packages[one]["name"], packages[one]["version"])),
            folder=Path(packages[one]["manifest_path"]).parent,
            needs=tuple(sorted(url(other) for other in needed(one))),
        )
        for one in sorted(nodes)
        if one not in ours
    ]


def bundled(lock: Path, modules: Path) -> list[Part]:
    """What the page has in it, by npm's lock; `modules` is where npm has laid it."""
    said = json.loads(lock.read_text())["packages"]
    direct = said[""]["dependencies"]

    def named(one: str) -> str:
        return one.removeprefix("node_modules/")

    return [
        Part(
            ecosystem="npm",
            name=named(one),
            version=package["version"],
            licence=package["license"],
            is_direct=named(one) in direct,
            checksum=base64.b64decode(package["integrity"].removeprefix("sha512-")).hex(),
            folder=modules / named(one),
            needs=tuple(
                f"pkg:npm/{other}@{said[f'node_modules/{other}']['version']}"
                for other in sorted(package.get("dependencies", {}))
            ),
        )
        for one, package in sorted(said.items())
        if one and not package.get("dev")
    ]


def distributions(name: str) -> list[Part]:
    """What an install of this distribution brings along, as it is installed here."""
    found: dict[str, Part] = {}
    direct = required(name)
    waiting = deque(direct)
    while waiting:
        one = waiting.popleft()
        if one in found:
            continue
        needs = required(one)
        found[one] = Part(
            ecosystem="pypi",
            name=one,
            version=metadata.version(one),
            licence=licence(one),
            is_direct=one in direct,
            needs=tuple(f"pkg:pypi/{other}@{metadata.version(other)}" for other in needs),
        )
        waiting.extend(needs)
    return sorted(found.values(), key=lambda part: part.name)


def required(name: str) -> list[str]:
    """What it requires here, without extras, by the names of the index."""
    requirements = map(Requirement, metadata.requires(name) or [])
    applying = [r for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return sorted({re.sub(r"[-_.]+", "-", one.name).lower() for one in applying})


def licence(name: str) -> str:
    """The licence of an installed distribution: the expression, else the classifier, else the free text."""
    said = metadata.metadata(name)
    prefix = "License :: OSI Approved :: "
    classifiers: list[str] = said.get_all("Classifier") or []
    expressions: list[str] = said.get_all("License-Expression") or []
    free: list[str] = said.get_all("License") or []
    classified = [one.removeprefix(prefix) for one in classifiers if one.startswith(prefix)]
    named = [CLASSIFIED.get(one, one) for one in classified]
    return next(iter(expressions + named + free), "")


CLASSIFIED = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
}
