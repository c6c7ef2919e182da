"""Which Pythons wheels are built for: those that run, one of each version; why others are left out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .pythons import Python, UnusableError, ask, chosen


def stand_in(path: Path, said: str, code: int = 0) -> Path:
    """Something that is called as an interpreter is, and says this."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{said}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_the_one_that_runs_this_is_found_outside_its_environment() -> None:
    found = ask(Path(sys.executable))
    assert found is not None
    assert found.version == sys.version_info[:3]
    assert (found.fault is None) == (sys.implementation.name == "cpython")
    base = Path(sys.base_prefix).resolve()
    assert found.path.resolve().is_relative_to(base)


def test_one_of_each_version_is_chosen_from_path_and_from_pyenv(tmp_path: Path) -> None:
    first, home = tmp_path / "first", tmp_path / "home"
    stand_in(first / "python3", "cpython 3 12 1 final 0 /a/python")
    stand_in(first / "python3.13", "a version manager says that it is not there", code=127)
    stand_in(first / "python3.14-config", "cpython 3 14 0 final 0 /no/python")
    (first / "python3.12").symlink_to(first / "python3")
    versions = home / ".pyenv" / "versions"
    stand_in(versions / "3.12.9" / "bin" / "python3.12", "cpython 3 12 9 final 0 /b/python")
    stand_in(versions / "3.13.0" / "bin" / "python3", "cpython 3 13 0 final 0 /c/with space/python")
    stand_in(versions / "3.10.1" / "bin" / "python3", "cpython 3 10 1 final 0 /d/python")
    stand_in(versions / "3.14.0t" / "bin" / "python3", "cpython 3 14 0 final 1 /e/python")
    stand_in(versions / "3.15.0" / "bin" / "python3", "cpython 3 15 0 beta 0 /f/python")
    stand_in(versions / "pypy" / "bin" / "python3", "pypy 3 11 13 final 0 /g/python")
    pythons, left_out = chosen({"PATH": str(first)}, home)
    assert [(one.tag, str(one.path)) for one in pythons] == [
        ("cp312", "/b/python"),
        ("cp313", "/c/with space/python"),
    ]
    reasons = {line.split(" ")[0]: line.split(": ", 1)[1] for line in left_out}
    assert reasons == {
        "3.10.1": "older than 3.11",
        "3.14.0": "free-threaded: docs/platforms.md says what is missing",
        "3.15.0": "beta: what a release breaks is not known yet",
        "3.11.13": "pypy: only CPython has what k6ws needs",
    }


def test_where_nothing_is_nothing_is_found(tmp_path: Path) -> None:
    assert chosen({"PATH": str(tmp_path)}, tmp_path) == ([], [])


def test_those_that_are_named_are_taken_and_no_others(tmp_path: Path) -> None:
    named = stand_in(tmp_path / "python-of-mine", "cpython 3 13 2 final 0 /mine/python")
    stand_in(tmp_path / "python3", "cpython 3 12 0 final 0 /other/python")
    environment = {"PATH": str(tmp_path), "PYTHONS": f"{named} python-of-mine"}
    pythons, left_out = chosen(environment, tmp_path)
    assert (pythons, left_out) == ([Python(Path("/mine/python"), "cpython", (3, 13, 2))], [])


@pytest.mark.parametrize(
    ("said", "code", "complaint"),
    [
        ("cpython 3 10 1 final 0 /d/python", 0, "older than 3.11"),
        ("", 127, "no Python that runs"),
        ("Python 3.12", 0, "no Python that runs"),
    ],
)
def test_one_that_is_named_and_of_no_use_is_an_error(
    said: str, code: int, complaint: str, tmp_path: Path
) -> None:
    named = stand_in(tmp_path / "python3", said, code)
    with pytest.raises(UnusableError, match=complaint):
        chosen({"PATH": "", "PYTHONS": str(named)}, tmp_path)


def test_one_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match=r"python3\.99 is no Python that runs"):
        chosen({"PATH": str(tmp_path), "PYTHONS": "python3.99"}, tmp_path)
