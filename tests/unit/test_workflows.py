"""What the hosted pipelines may do: actions are pinned, rights are few, nothing is published unasked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))
RELEASE = next(path for path in WORKFLOWS if path.stem == "release").read_text()
JOBS = dict(re.findall(r"^  (\w+):\n((?:    .*\n)+)", RELEASE.split("\njobs:\n")[1], re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_an_action_is_pinned_to_a_commit_with_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    assert used
    for one in used:
        assert re.fullmatch(r"\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_rights_are_read_only_unless_a_job_says_more(path: Path) -> None:
    head = path.read_text().split("\njobs:\n")[0]
    assert re.search(r"^permissions:( \{\}|\n  contents: read)$", head, re.MULTILINE)


def test_what_is_published_was_tagged_tested_and_approved() -> None:
    assert list(JOBS) == ["gate", "build", "attest", "publish"]
    assert "needs: [gate, build]" in JOBS["attest"]
    publish = JOBS["publish"]
    assert "needs: attest" in publish
    assert "if: github.event_name == 'push' && github.ref_type == 'tag'" in publish
    assert "environment: pypi" in publish
    assert [name for name, job in JOBS.items() if "pypi-publish" in job] == ["publish"]
    assert "secrets." not in RELEASE
