"""Streams that cannot show all of a text: what is lost is a mark, never a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

SCRIPT = r"""
from k6ws import check
options = {"iterations": 3, "thresholds": {"checks": ["rate==1"]}}

def default():
    print("prints ✓ é \udc80", flush=True)
    check(1, {"é is ✓": True})
"""
QUIET = SCRIPT.replace("    print", "    0 and print")
SUMMARY = r"""
def handle_summary(data):
    return {"stdout": "all is ✓ \udc80\n", "stderr": "told ✓\n", "own.txt": "kept ✓ \udc80"}
"""


def run(
    folder: Path, encoding: str, *words: str, source: str = SCRIPT
) -> subprocess.CompletedProcess[bytes]:
    (folder / "script.py").write_text(source)
    command = [sys.executable, "-m", "k6ws", "run", *words, "script.py"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command, capture_output=True, timeout=30, check=False, cwd=folder, env=environment
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "ascii:strict"])
def test_a_run_ends_well_and_keeps_its_files(tmp_path: Path, encoding: str) -> None:
    files = ("--summary-export", "summary.json", "--junit", "junit.xml")
    done = run(tmp_path, encoding, *files)
    assert done.returncode == 0, done.stderr
    name = encoding.partition(":")[0]
    shown = done.stdout.decode(name)
    assert "checks_total" in shown
    mark = "✓" if name == "utf-8" else "+"
    assert shown.count(f"prints {mark} ") == 3
    assert f"{mark} 'rate==1' rate=100%" in shown
    assert "running (" in done.stderr.decode(name)
    assert json.loads((tmp_path / "summary.json").read_text())["exit_code"] == 0
    assert ET.parse(tmp_path / "junit.xml").getroot().get("failures") == "0"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_what_handle_summary_prints_is_shown(tmp_path: Path, encoding: str) -> None:
    done = run(tmp_path, encoding, "-q", source=SCRIPT + SUMMARY)
    assert done.returncode == 0, done.stderr
    mark = "✓" if encoding == "utf-8" else "+"
    assert f"all is {mark} ?\n" in done.stdout.decode()
    assert f"told {mark}\n" in done.stderr.decode()
    assert (tmp_path / "own.txt").read_text() == "kept ✓ ?"


def test_a_program_gets_its_result_where_its_stream_lacks_a_mark(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(QUIET + SUMMARY)
    program = "import k6ws; print(k6ws.run('script.py').exit_code)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        timeout=30,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == b"all is + ?\n0\n"


def test_files_are_there_though_nobody_takes_the_summary(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(QUIET)
    words = ["run", "-q", "--summary-export", "summary.json", "script.py"]
    command = [sys.executable, "-m", "k6ws", *words]
    with Path("/dev/full").open("w") as full:
        code = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, timeout=30, check=False, cwd=tmp_path
        ).returncode
    assert code == 255
    assert json.loads((tmp_path / "summary.json").read_text())["exit_code"] == 255
