"""What `make audit` finds, and what it lets pass; what it finds in this repository is no test."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from audit import advisories, bans, licences, notices, sbom, secrets, sources
from audit.parts import Part, bundled, distributions, resolved
from audit.policy import Policy

ROOT = Path(__file__).parents[2]
REGISTRY = "registry+https://registry.test/index"


def crate(name: str, version: str = "1.0.0", **said: Any) -> Part:
    said = {"licence": "MIT", "source": REGISTRY, "checksum": "00", **said}
    return Part("cargo", name, version, **said)


@pytest.mark.parametrize(
    ("expression", "is_permitted"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND (GPL-3.0-only OR Apache-2.0)", True),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", False),
        ("GPL-3.0-only/MIT", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT WITH LLVM-exception", False),
        ("", False),
        ("(MIT", False),
        ("MIT OR", False),
        ("MIT Apache-2.0", False),
    ],
)
def test_a_licence_is_allowed_if_one_may_choose_only_allowed_ones(
    expression: str, is_permitted: bool
) -> None:
    allowed = {"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"}
    assert licences.permits(expression, allowed.__contains__) is is_permitted


def test_a_licence_may_be_allowed_for_one_crate() -> None:
    policy = Policy(licences=frozenset({"MIT"}), exceptions=frozenset({("one", "EPL-2.0")}))
    parts = [crate("one", licence="EPL-2.0"), crate("other", licence="EPL-2.0"), crate("third")]
    assert licences.findings(parts, policy) == ["pkg:cargo/other@1.0.0: EPL-2.0"]


def test_a_crate_that_is_banned_or_there_twice_is_found() -> None:
    policy = Policy(banned=frozenset({"openssl-sys"}))
    crates = [crate("openssl-sys"), crate("syn", "2.0.1"), crate("syn", "3.0.0"), crate("rand")]
    assert bans.findings(crates, policy) == [
        "openssl-sys is banned",
        "syn is there in the versions 2.0.1, 3.0.0",
    ]


def test_a_twin_with_a_reason_passes_and_a_reason_without_a_twin_does_not() -> None:
    policy = Policy(twins=frozenset({"syn@2", "rand@0.9"}))
    crates = [crate("syn", "2.0.1"), crate("syn", "3.0.0"), crate("rand", "0.10.0")]
    assert bans.findings(crates, policy) == [
        "rand@0.9 has no twin any more: take it from deny.toml"
    ]
    crates.append(crate("syn", "20.0.0"))
    assert "syn is there in the versions 2.0.1, 20.0.0, 3.0.0" in bans.findings(crates, policy)


def test_a_crate_comes_from_the_registry_with_a_checksum() -> None:
    crates = [
        crate("good"),
        crate("better"),
        crate("forked", source="git+https://forge.test/forked"),
        crate("vendored", source=None),
        crate("private", source="registry+https://other.test/index"),
        crate("unchecked", checksum=None),
    ]
    assert sources.findings(crates) == [
        "pkg:cargo/forked@1.0.0 comes from git+https://forge.test/forked",
        "pkg:cargo/vendored@1.0.0 comes from a path",
        "pkg:cargo/private@1.0.0 comes from registry+https://other.test/index",
        "pkg:cargo/unchecked@1.0.0 has no checksum",
    ]


# Put together, so that this file is not found itself.
PLANTED = [
    ("a private key", "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "MIIE" * 12),
    ("a key of a cloud", "key = AKIA" + "IOSFODNN7EXAMPLE"),
    ("a token of a forge", "ghp_" + "a1B2" * 9),
    ("a token of a registry", "pypi-" + "AgEI" * 20),
    ("a token of a chat", "xoxb-" + "1234567890-abcdefghij"),
    (
        "a signed token",
        "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "c2lnbmF0dXJl" * 2,
    ),
    ("an assigned secret", "PASSWORD = " + '"hunter2hunter2hunter2"'),
]


@pytest.mark.parametrize(("what", "text"), PLANTED, ids=[what for what, _ in PLANTED])
def test_a_secret_is_found_with_its_line(what: str, text: str) -> None:
    assert list(secrets.found(f"first\n{text}\nlast\n")) == [(2, what)]


def test_what_only_talks_about_secrets_passes() -> None:
    for text in [
        "password = input()",
        '"token": "a-word-without-a-digit"',
        "-----BEGIN PRIVATE KEY-----",
    ]:
        assert list(secrets.found(text)) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_only_tracked_files_are_looked_at_and_the_secret_is_not_repeated(tmp_path: Path) -> None:
    for name in ("tracked.py", "stray.py"):
        (tmp_path / name).write_text(f"\n{PLANTED[2][1]}\n")
    for command in (["git", "init", "-q"], ["git", "add", "tracked.py"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    assert secrets.findings(tmp_path) == ["tracked.py:2: a token of a forge"]


def package(name: str, **said: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "version": "1.0.0",
        "license": "MIT",
        "source": REGISTRY,
        "manifest_path": f"/crates/{name}/Cargo.toml",
        **said,
    }


def needs(**kinds: str | None) -> list[dict[str, Any]]:
    return [{"pkg": name, "dep_kinds": [{"kind": kind}]} for name, kind in kinds.items()]


GRAPH: dict[str, Any] = {
    "packages": [package("ours", source=None), *map(package, ["direct", "below", "tester"])],
    "resolve": {
        "nodes": [
            {"id": "ours", "deps": needs(direct=None, tester="dev")},
            {"id": "direct", "deps": needs(below="build")},
            {"id": "below", "deps": []},
            {"id": "tester", "deps": needs(below=None)},
        ]
    },
    "workspace_members": ["ours"],
}
LOCK = {
    "package": [
        {"name": name, "version": "1.0.0", "checksum": name} for name in ("direct", "below")
    ]
}


def test_what_only_tests_need_is_not_shipped() -> None:
    said = {
        part.name: (part.is_shipped, part.is_direct, part.checksum)
        for part in resolved(GRAPH, LOCK)
    }
    assert said == {
        "below": (True, False, "below"),
        "direct": (True, True, "direct"),
        "tester": (False, False, None),
    }


def test_a_bill_of_materials_names_each_part_and_who_needs_it() -> None:
    shipped = [part for part in resolved(GRAPH, LOCK) if part.is_shipped]
    bill = sbom.bill({"name": "ours", "version": "2.0.0", "license": "Apache-2.0"}, shipped)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert [one["purl"] for one in bill["components"]] == [
        "pkg:cargo/below@1.0.0",
        "pkg:cargo/direct@1.0.0",
    ]
    assert bill["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "below"}]
    assert bill["dependencies"] == [
        {"ref": "pkg:cargo/below@1.0.0", "dependsOn": []},
        {"ref": "pkg:cargo/direct@1.0.0", "dependsOn": ["pkg:cargo/below@1.0.0"]},
        {"ref": "pkg:pypi/ours@2.0.0", "dependsOn": ["pkg:cargo/direct@1.0.0"]},
    ]


def test_what_the_page_is_bundled_of_is_known_with_its_checksum() -> None:
    page = bundled(ROOT / "src" / "page" / "package-lock.json", Path("/modules"))
    assert [(part.name, part.is_direct, part.folder) for part in page] == [
        ("uplot", True, Path("/modules/uplot"))
    ]
    said = sbom.component(page[0])
    assert said["purl"].startswith("pkg:npm/uplot@")
    (checksum,) = said["hashes"]
    assert (checksum["alg"], len(bytes.fromhex(checksum["content"]))) == ("SHA-512", 64)


def test_a_licence_that_many_have_is_told_once_with_all_of_them(tmp_path: Path) -> None:
    for name, texts in {
        "one": {"LICENSE-MIT": "Permission is\nhereby granted", "main.rs": "no licence"},
        "two": {"license.txt": "Permission is hereby\ngranted\n", "NOTICE": "of two alone"},
        "three": {"LICENSES/odd": "something else"},
    }.items():
        for file, text in texts.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
    parts = [crate(name, folder=tmp_path / name) for name in ("two", "three", "one", "gone")]
    head, *blocks = notices.notices(parts).split(notices.RULE)
    assert head.count(": MIT\n") == 4
    assert [block.strip().split("\n\n") for block in blocks] == [
        ["one 1.0.0, two 1.0.0", "Permission is\nhereby granted"],
        ["three 1.0.0", "something else"],
        ["two 1.0.0", "of two alone"],
    ]
    assert notices.notices(parts) == notices.notices(parts[::-1])


def test_what_an_install_brings_along_is_what_pyproject_asks_for_and_what_that_needs() -> None:
    parts = distributions("k6ws")
    assert {part.name for part in parts if part.is_direct} == {"click", "greenlet", "rich"}
    known = {part.url for part in parts}
    assert all(set(part.needs) <= known for part in parts)
    assert licences.findings(parts, Policy.read(ROOT / "deny.toml")) == []


@pytest.fixture
def database() -> Iterator[tuple[str, list[Any]]]:
    """A database that knows a fault of the first part it is asked about."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            results: list[Any] = [{} for _ in asked[-1]["queries"]]
            results[0] = {"vulns": [{"id": "RUSTSEC-2099-0001"}]}
            body = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is theirs
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def test_an_advisory_is_found_for_the_version_that_is_used(database: tuple[str, list[Any]]) -> None:
    url, asked = database
    parts = [crate("old", "0.1.0"), crate("good")]
    assert advisories.findings(parts, url) == ["pkg:cargo/old@0.1.0: RUSTSEC-2099-0001"]
    purls = [query["package"]["purl"] for query in asked[0]["queries"]]
    assert purls == ["pkg:cargo/old@0.1.0", "pkg:cargo/good@1.0.0"]


def test_a_database_that_cannot_be_reached_is_said_to_be_so() -> None:
    result = advisories.findings([crate("one")], "http://127.0.0.1:1/")
    assert isinstance(result, advisories.NotChecked)
    assert "Connection refused" in result.why
