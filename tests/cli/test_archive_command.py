"""`k6ws archive`, and running what it wrote somewhere else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from k6ws import _core
from support.command import k6ws

TIMEOUT_S = 30

SCRIPT = """
from pathlib import Path

from k6ws import env
import wording

GREETING = Path("data/greeting.txt").read_text()
options = {"vus": 1, "tags": {"a": "b"}}


def default():
    print(wording.loud(GREETING), env.get("TOKEN"), env.get("PATH") is not None)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "data" / "greeting.txt").write_text("hello")
    (folder / "tests" / "script.py").write_text(SCRIPT)
    (folder / "tests" / "wording.py").write_text("def loud(text): return text.upper()\n")
    (folder / "tests" / "unrelated.py").write_text("")
    (folder / ".env").write_text("SECRET=1")
    monkeypatch.chdir(folder)
    return folder


def run(archive: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run an archive from another folder."""
    return subprocess.run(
        [sys.executable, "-m", "k6ws", "run", "-q", str(archive), *words],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        cwd=archive.parent,
        env=os.environ | variables,
    )


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        found = [(member.name, tar.extractfile(member)) for member in tar]
        return {name: content.read() for name, content in found if content}


def test_an_archive_holds_the_script_what_it_needs_and_runs_elsewhere(
    project: Path, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere" / "test.tar"
    target.parent.mkdir()
    done = k6ws("archive", "tests/script.py", "-O", target, "--iterations", "2", "-e", "TOKEN=x")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{target}: 3 files, options and 0 variables\n"
    found = members(target)
    assert sorted(found) == [
        "files/data/greeting.txt",
        "files/tests/script.py",
        "files/tests/wording.py",
        "metadata.json",
    ]
    metadata = json.loads(found["metadata.json"])
    assert metadata == {
        "type": "k6ws",
        "format": 1,
        "k6ws": _core.__version__,
        "script": "tests/script.py",
        "options": {"vus": 1, "iterations": 2, "tags": {"a": "b"}},
        "env": {},
    }
    for path in sorted(project.rglob("*.*"), reverse=True):
        path.unlink()
    ran = run(target)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("HELLO None True\nHELLO None True\n")


def test_options_of_an_archive_are_those_of_a_script(project: Path) -> None:
    assert k6ws("archive", "tests/script.py", "-i", "2").code == 0
    ran = run(project / "archive.tar", "-i", "1")
    assert ran.stdout.count("HELLO") == 1


def test_variables_are_kept_only_if_asked_for(project: Path) -> None:
    words = ("archive", "tests/script.py", "-e", "TOKEN=secret")
    assert k6ws(*words, "--exclude-env-vars").code == 0
    assert json.loads(members(project / "archive.tar")["metadata.json"])["env"] == {}
    assert k6ws(*words, "--include-env-vars").code == 0
    kept = json.loads(members(project / "archive.tar")["metadata.json"])["env"]
    assert kept == {"TOKEN": "secret"}
    assert "HELLO secret" in run(project / "archive.tar").stdout
    assert "HELLO newer" in run(project / "archive.tar", "-e", "TOKEN=newer").stdout
    both = k6ws(*words, "--include-env-vars", "--exclude-env-vars")
    assert both.code == 255


def test_the_same_files_make_the_same_archive(project: Path) -> None:
    assert k6ws("archive", "tests/script.py", "-O", "one.tar").code == 0
    (project / "tests" / "script.py").touch()
    assert k6ws("archive", "tests/script.py", "-O", "two.tar").code == 0
    assert (project / "one.tar").read_bytes() == (project / "two.tar").read_bytes()


def test_an_archive_goes_to_standard_output(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "k6ws", "archive", "tests/script.py", "-O", "-"],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        assert "files/tests/script.py" in tar.getnames()


def test_a_file_that_lies_elsewhere_is_left_out_with_a_word(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    script = project / "script.py"
    script.write_text(
        f"open({str(outside)!r}).close()\nopen('.env').close()\ndef default(): pass\n"
    )
    done = k6ws("archive", script)
    assert f"WARNING {outside} is not in the archive" in done.err
    assert ".env is not in the archive" in done.err
    assert sorted(members(project / "archive.tar")) == ["files/script.py", "metadata.json"]


def test_what_would_not_run_is_not_archived(project: Path) -> None:
    (project / "script.py").write_text("options = {'vus': -1}\ndef default(): pass\n")
    assert k6ws("archive", "script.py").code == 104
    assert k6ws("archive", "nowhere.py").code == 255
    assert k6ws("archive", "-").code == 255
    assert k6ws("archive", "tests/script.py", "-O", "/no/such/x.tar").code == 104
    assert not (project / "archive.tar").exists()


GOOD: dict[str, Any] = {"type": "k6ws", "script": "script.py", "options": {}, "env": {}}


def crafted(folder: Path, metadata: Any, *extra: tarfile.TarInfo) -> Path:
    """An archive that `k6ws archive` would not make."""
    path = folder / "crafted.tar"
    with tarfile.open(path, "w") as tar:
        files = {
            "metadata.json": json.dumps(metadata),
            "files/script.py": "def default(): print('ran')\n",
        }
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
        for member in extra:
            member.size = 0
            tar.addfile(member)
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_a_crafted_archive_that_is_harmless_runs(tmp_path: Path) -> None:
    ran = run(crafted(tmp_path, GOOD))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("ran\n")


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside.py"),
        tarfile.TarInfo("files/../../outside.py"),
        tarfile.TarInfo("/tmp/outside.py"),
        tarfile.TarInfo("outside.py"),
        tarfile.TarInfo("files"),
        tarfile.TarInfo("files/a\\..\\b"),
        link("files/link", "/etc/passwd"),
        link("files/link", "../..", tarfile.LNKTYPE),
        link("files/pipe", "", tarfile.FIFOTYPE),
        link("files/device", "", tarfile.CHRTYPE),
    ],
    ids=lambda member: f"{member.name}-{member.type.decode()}",
)
def test_a_member_that_is_no_plain_file_below_the_archive_is_refused(
    tmp_path: Path, member: tarfile.TarInfo
) -> None:
    done = k6ws("inspect", crafted(tmp_path, GOOD, member))
    assert (done.code, done.out) == (255, "")
    assert repr(member.name) in done.err
    assert "no plain file" in done.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["crafted.tar"]


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        (list[Any](), "is no archive of k6ws"),
        (dict[str, Any](), "is no archive of k6ws"),
        (GOOD | {"options": list[Any]()}, "is no archive of k6ws"),
        (GOOD | {"script": "../script.py"}, "is no archive of k6ws"),
        (GOOD | {"script": "/etc/passwd"}, "is no archive of k6ws"),
        (GOOD | {"script": "other.py"}, "lacks its script 'other.py'"),
        ({"type": "js"}, "its script is JavaScript"),
    ],
)
def test_an_archive_of_somebody_else_is_refused(tmp_path: Path, metadata: Any, said: str) -> None:
    done = k6ws("inspect", crafted(tmp_path, metadata))
    assert (done.code, done.out) == (255, "")
    assert said in done.err


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = crafted(tmp_path, GOOD)
    path.write_bytes(path.read_bytes()[:1100])
    done = k6ws("inspect", path)
    assert (done.code, done.out) == (255, "")
    assert "make it again with `k6ws archive`" in done.err
