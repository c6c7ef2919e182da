"""What opens doors is in no file, no message and no listing that k6ws makes by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from support.command import k6ws

KEYS = {"cert": "of-a-certificate", "key": "s3cret-key", "password": "s3cret-password"}


def script(folder: Path, options: Any, rest: str = "") -> Path:
    path = folder / "script.py"
    path.write_text(f"options = {options!r}\n{rest}\ndef default(*_): pass\n")
    return path


def refuse(word: str) -> NoReturn:
    raise ValueError(word)


def test_what_setup_returned_is_in_no_report(tmp_path: Path) -> None:
    setup = "def setup(): return {'token': 's3cret', 'x': float('nan')}"
    path = script(tmp_path, {"iterations": 1}, setup)
    command = [sys.executable, "-m", "k6ws", "run", str(path)]
    files = ["--summary-export", "summary.json", "--junit", "junit.xml"]
    done = subprocess.run(
        [*command, *files],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        cwd=tmp_path,
    )
    exported = (tmp_path / "summary.json").read_text()
    assert "metrics" in json.loads(exported, parse_constant=refuse)
    told = [exported, (tmp_path / "junit.xml").read_text(), done.stdout, done.stderr]
    assert [text for text in told if "s3cret" in text] == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"tlsAuth": KEYS}, "tlsAuth"),
        ({"tlsAuth": list(KEYS.values())}, "tlsAuth[0]"),
        ({"tls_auth": [KEYS]}, "tls_auth[0].cert"),
        ({"tlsAuht": [KEYS]}, "tlsAuht"),
        ({"tlsAuth": [{**KEYS, "password": "s3cret \ud800"}]}, "tlsAuth.0.password"),
        ({"scenarios": {"a": {"executor": "x", "env": {"TOKEN": "s3cret"}}}}, "executor"),
        ({"scenarios": [{"env": {"TOKEN": "s3cret"}}]}, "scenarios"),
        ({"scenarios": {"a": {"executor": "shared-iterations", "env": "TOKEN=s3cret"}}}, "env"),
        ({"hosts": {"a": "ws://ann:s3cret@h/"}}, "hosts"),
        ({"vus": "ws://ann:s3cret@h/?token=s3cret"}, "vus"),
    ],
)
def test_an_option_that_is_refused_is_named_without_what_is_in_it(
    tmp_path: Path, options: Any, named: str
) -> None:
    done = k6ws("run", script(tmp_path, options))
    assert done.code == 104
    assert named in done.err
    assert "s3cret" not in done.err


def test_inspect_masks_and_an_archive_keeps(tmp_path: Path) -> None:
    scenario = {"executor": "shared-iterations", "env": {"TOKEN": "s3cret", "ROOM": "7"}}
    path = script(tmp_path, {"scenarios": {"a": scenario}, "hosts": {"a": "127.0.0.1"}})
    shown = json.loads(k6ws("inspect", path).out)
    assert shown["scenarios"]["a"]["env"] == {"TOKEN": "***", "ROOM": "7"}
    assert shown["hosts"] == {"a": "127.0.0.1"}
    target = tmp_path / "archive.tar"
    assert k6ws("archive", "-O", target, path).code == 0
    path.unlink()
    again = k6ws("inspect", "--execution-requirements", target)
    assert json.loads(again.out)["scenarios"]["a"]["env"] == {"TOKEN": "***", "ROOM": "7"}
    assert b"s3cret" in target.read_bytes()
