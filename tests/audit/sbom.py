"""A bill of materials in CycloneDX: what is in a wheel, and what an install brings along.

The same parts give the same bytes: there is no date and no serial number in it.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .parts import Part


def write(path: Path, parts: Sequence[Part]) -> Path:
    """Writes the bill of these parts."""
    manifest = tomllib.loads((Path(__file__).parents[2] / "Cargo.toml").read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill(manifest["package"], parts), indent=2) + "\n")
    return path


def bill(package: dict[str, Any], parts: Sequence[Part]) -> dict[str, Any]:
    """The bill, as data; `package` is that of Cargo.toml."""
    ours = f"pkg:pypi/{package['name']}@{package['version']}"
    known = {part.url for part in parts}
    graph = {ours: sorted(part.url for part in parts if part.is_direct)} | {
        part.url: [one for one in part.needs if one in known] for part in parts
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": package["name"],
                "version": package["version"],
                "purl": ours,
                "licenses": [{"expression": package["license"]}],
            }
        },
        "components": [component(part) for part in sorted(parts, key=lambda part: part.url)],
        "dependencies": [{"ref": url, "dependsOn": needs} for url, needs in sorted(graph.items())],
    }


def component(part: Part) -> dict[str, Any]:
    """One part of the bill."""
    said: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.url,
        "name": part.name,
        "version": part.version,
        "purl": part.url,
        "licenses": [{"expression": part.licence.replace("/", " OR ")}],
    }
    if part.checksum:
        algorithm = "SHA-512" if part.ecosystem == "npm" else "SHA-256"
        said["hashes"] = [{"alg": algorithm, "content": part.checksum}]
    return said
