"""What must be in every wheel: the package as it is tracked, the page, licences, a bill of materials."""

from __future__ import annotations

import email
import email.message
import json
import re
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 10_000_000
PAGE = "k6ws/_ui/page.html"
NOTICES = "LICENSES-third-party.txt"
BILL = "k6ws.cdx.json"
EXTENSION = re.compile(r"k6ws/_core\.(abi3|cpython-3\d+-[\w-]+)\.so")
STABLE = "abi3"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a checkout says that its wheels have."""

    files: frozenset[str]
    """Of the package, as they are named in a wheel."""
    version: str
    licence: str
    least_python: str
    points: tuple[str, ...]
    """`name = object` of each entry point: programs, plugins of others."""
    urls: tuple[str, ...]
    """`name, URL` of each of the project's."""
    places: tuple[bytes, ...]
    """Folders of this machine, which nothing in a wheel may name."""

    @classmethod
    def of(cls, root: Path, *places: Path) -> Expected:
        """What this checkout says; each of `places` is a folder that no wheel may name."""
        command = ["git", "ls-files", "-z", "python"]
        said = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
        package = tomllib.loads((root / "Cargo.toml").read_text())["package"]
        kinds = [project["scripts"], *project["entry-points"].values()]
        tracked = [name.removeprefix("python/") for name in said.split("\0") if name]
        return cls(
            files=frozenset({*tracked, PAGE}),
            version=package["version"],
            licence=project["license"],
            least_python=project["requires-python"],
            points=tuple(f"{name} = {it}" for kind in kinds for name, it in kind.items()),
            urls=tuple(f"{name}, {url}" for name, url in project.get("urls", {}).items()),
            places=tuple(str(place).encode() for place in (root, *places)),
        )


def faults(path: Path, expected: Expected) -> list[str]:
    """What is wrong with a wheel, a line each."""
    with zipfile.ZipFile(path) as wheel:
        found = [*_faults(path, wheel, expected)]
    size = path.stat().st_size
    if size > MOST_BYTES:
        found.append(f"{size:,} bytes, more than {MOST_BYTES:,}")
    return [f"{path.name}: {fault}" for fault in found]


def _faults(path: Path, wheel: zipfile.ZipFile, expected: Expected) -> Iterator[str]:
    names = set(wheel.namelist())
    about = f"k6ws-{expected.version}.dist-info"
    wanted = {f"{about}/licenses/LICENSE", f"{about}/licenses/{NOTICES}", f"{about}/sboms/{BILL}"}
    for name in sorted((expected.files | wanted) - names):
        yield f"{name} is missing"
    extensions = [name for name in names if name.endswith(".so")]
    kind = path.name.split("-")[3]
    if len(extensions) != 1 or not (match := EXTENSION.fullmatch(extensions[0])):
        yield f"one extension is expected, {sorted(extensions)} found"
    elif (match[1] == STABLE) != (kind == STABLE):
        yield f"{extensions[0]} in a wheel for {kind}"
    for name in sorted(names):
        data = wheel.read(name)
        yield from (f"{name} names {it.decode()}" for it in expected.places if it in data)
    points = f"{about}/entry_points.txt"
    if points in names:
        said = wheel.read(points).decode().replace(" ", "").splitlines()
        missing = [one for one in expected.points if one.replace(" ", "") not in said]
        yield from (f"{points} has no {one}" for one in missing)
    else:
        yield f"{points} is missing"
    if f"{about}/METADATA" in names:
        yield from _of_metadata(email.message_from_bytes(wheel.read(f"{about}/METADATA")), expected)
    else:
        yield f"{about}/METADATA is missing"
    if f"{about}/sboms/{BILL}" in names:
        bill = json.loads(wheel.read(f"{about}/sboms/{BILL}"))
        kinds = {part["purl"].split("/")[0] for part in bill["components"]}
        if kinds != {"pkg:cargo", "pkg:npm"}:
            yield f"the bill of materials has {sorted(kinds)}, and not crates and what the page has"


def _of_metadata(said: email.message.Message, expected: Expected) -> Iterator[str]:
    for name, value in {
        "Name": "k6ws",
        "Version": expected.version,
        "License-Expression": expected.licence,
        "Requires-Python": expected.least_python,
    }.items():
        if said[name] != value:
            yield f"{name} is {said[name]} and not {value}"
    urls = tuple(said.get_all("Project-URL", []))
    if sorted(urls) != sorted(expected.urls):
        yield f"the URLs of the project are {list(urls)} and not {list(expected.urls)}"
    if "Typing :: Typed" not in said.get_all("Classifier", []):
        yield "the classifier that says that it has types is missing"
