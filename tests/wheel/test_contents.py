"""What a wheel must have is missed when it is gone; which wheels are built, and where they may run."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from . import targets
from .build import Wanted, is_covered, plan
from .contents import BILL, MOST_BYTES, NOTICES, PAGE, Expected, faults
from .pythons import Python
from .targets import OWN, Target, UnknownTargetError

ROOT = Path(__file__).parents[2]
EXPECTED = Expected(
    files=frozenset({"k6ws/__init__.py", "k6ws/py.typed", PAGE}),
    version="1.2.3",
    licence="Apache-2.0",
    least_python=">=3.11",
    points=("k6ws = k6ws._cli.main:entry", "other = k6ws_other"),
    urls=("Source, https://source.test",),
    places=(b"/home/builder",),
)
METADATA = """\
Metadata-Version: 2.4
Name: k6ws
Version: 1.2.3
License-Expression: Apache-2.0
Requires-Python: >=3.11
Classifier: Typing :: Typed
Project-URL: Source, https://source.test

a text
"""
ABOUT = "k6ws-1.2.3.dist-info"
EXTENSION = "k6ws/_core.cpython-312-x86_64-linux-gnu.so"
BILLED = {"components": [{"purl": "pkg:cargo/a@1"}, {"purl": "pkg:npm/b@1"}]}
GOOD: dict[str, str | None] = {
    **dict.fromkeys(EXPECTED.files, "text"),
    EXTENSION: "\x7fELF",
    f"{ABOUT}/METADATA": METADATA,
    f"{ABOUT}/entry_points.txt": "[console_scripts]\nk6ws=k6ws._cli.main:entry\n[a]\nother = k6ws_other\n",
    f"{ABOUT}/licenses/LICENSE": "text",
    f"{ABOUT}/licenses/{NOTICES}": "text",
    f"{ABOUT}/sboms/{BILL}": json.dumps(BILLED),
}


def made(folder: Path, changes: dict[str, str | None], kind: str = "cp312") -> Path:
    """A good wheel but for this: `None` takes a file out."""
    path = folder / f"k6ws-1.2.3-cp312-{kind}-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**GOOD, **changes}.items():
            if text is not None:
                wheel.writestr(name, text)
    return path


def test_a_good_wheel_has_no_fault(tmp_path: Path) -> None:
    assert faults(made(tmp_path, {}), EXPECTED) == []


@pytest.mark.parametrize("name", sorted(GOOD))
def test_whatever_is_gone_is_missed(name: str, tmp_path: Path) -> None:
    (fault,) = faults(made(tmp_path, {name: None}), EXPECTED)
    assert ("one extension is expected" if name == EXTENSION else f"{name} is missing") in fault


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({EXTENSION: None, "k6ws/_core.abi3.so": ""}, "k6ws/_core.abi3.so in a wheel for cp312"),
        ({"k6ws/_core.cpython-311-x86_64-linux-gnu.so": ""}, "one extension is expected"),
        ({EXTENSION: "panicked at /home/builder/a.rs"}, f"{EXTENSION} names /home/builder"),
        ({f"{ABOUT}/METADATA": METADATA.replace("1.2.3", "1.2.4")}, "Version is 1.2.4"),
        ({f"{ABOUT}/METADATA": METADATA.replace(">=3.11", ">=3.8")}, "Requires-Python is >=3.8"),
        ({f"{ABOUT}/METADATA": METADATA.replace("Source", "Home")}, "the URLs of the project"),
        ({f"{ABOUT}/METADATA": METADATA.replace("Typed", "None")}, "the classifier"),
        (
            {f"{ABOUT}/entry_points.txt": "[console_scripts]\nk6ws=k6ws._cli.main:entry\n"},
            f"{ABOUT}/entry_points.txt has no other = k6ws_other",
        ),
        (
            {f"{ABOUT}/sboms/{BILL}": json.dumps({"components": BILLED["components"][:1]})},
            "the bill of materials has ['pkg:cargo']",
        ),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, str | None], fault: str, tmp_path: Path) -> None:
    (found,) = faults(made(tmp_path, changes), EXPECTED)
    assert fault in found


def test_a_wheel_that_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    (fault,) = faults(made(tmp_path, {PAGE: "x" * (MOST_BYTES + 1)}), EXPECTED)
    assert "more than 10,000,000" in fault


def test_what_a_checkout_expects_is_what_it_tracks() -> None:
    expected = Expected.of(ROOT)
    assert {"k6ws/py.typed", "k6ws/_core/__init__.pyi", "pytest_k6ws/__init__.py", PAGE} <= (
        expected.files
    )
    assert not any(name.endswith(".so") for name in expected.files)


PYTHONS = [Python(Path(f"/{minor}"), "cpython", (3, minor, 1)) for minor in (11, 13)]
OTHER = next(name for name in targets.TAGS if name.endswith("musl"))


def test_each_python_has_a_wheel_for_this_machine_and_every_machine_has_one_for_all() -> None:
    wanted = plan(PYTHONS, [Target(OWN), Target(OTHER)])
    own = Target(OWN).tag
    assert [one.tags for one in wanted] == [
        f"cp311-cp311-{own}",
        f"cp313-cp313-{own}",
        f"cp311-abi3-{own}",
        f"cp311-abi3-{Target(OTHER).tag}",
    ]


def test_a_python_of_another_machine_is_named_and_not_run() -> None:
    own, other = (Wanted(Target(name), PYTHONS[1], is_stable=True) for name in (OWN, OTHER))
    assert own.command[own.command.index("--interpreter") + 1] == "/13"
    assert other.command[other.command.index("--interpreter") + 1] == "python3.13"
    assert other.command[other.command.index("--compatibility") + 1] == "musllinux_1_2"
    assert other.command[-2:] == ["--features", "abi3"]


def test_a_target_without_a_library_is_named_with_what_installs_it() -> None:
    there, missing = targets.chosen({}, ROOT)
    assert Target(OWN) == there[0]
    assert len(there) + len(missing) == len(targets.TAGS)
    assert all("rustup target add" in line for line in missing)
    with pytest.raises(UnknownTargetError, match="sparc is none of x86_64"):
        targets.chosen({"TARGETS": "sparc"}, ROOT)


@pytest.mark.parametrize(
    ("found", "claimed", "is_right"),
    [
        ("manylinux_2_17_x86_64", "manylinux_2_28_x86_64", True),
        ("manylinux_2_28_x86_64", "manylinux_2_28_x86_64", True),
        ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", False),
        ("manylinux_2_17_aarch64", "manylinux_2_28_x86_64", False),
        ("musllinux_1_2_x86_64", "manylinux_2_28_x86_64", False),
        ("linux_x86_64", "manylinux_2_28_x86_64", False),
    ],
)
def test_a_wheel_may_run_on_older_systems_than_it_says_and_on_no_newer_ones(
    found: str, claimed: str, is_right: bool
) -> None:
    assert is_covered(found, claimed) is is_right
