"""What random numbers begin with: the VU's number in the whole test, and `random_seed`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import execution, random_seed
from k6ws.utils import uuidv4
from support.runs import run_once

SCRIPT = """
import json
from k6ws import random_seed, utils
{seed}
drawn = []
def setup():
    drawn.append(utils.uuidv4())
def default():
    drawn.append(utils.uuidv4())
async def waits():
    drawn.append(utils.uuidv4())
def handle_summary(data):
    return {{{path!r}: json.dumps(drawn)}}
"""


def drawn(folder: Path, seed: str = "", kind: str = "default", **options: Any) -> set[str]:
    """What a script draws in its setup, and in each of three iterations of its VUs."""
    script, answer = folder / "script.py", folder / "drawn"
    script.write_text(SCRIPT.format(seed=seed, path=str(answer)))
    scenario: Any = {"executor": "per-vu-iterations", "vus": 4, "iterations": 3, "exec": kind}
    k6ws.run(str(script), scenarios={"s": scenario}, **options)
    return set(json.loads(answer.read_text()))


@pytest.mark.parametrize("kind", ["default", "waits"])
def test_no_instance_draws_what_another_draws(tmp_path: Path, kind: str) -> None:
    one, two = (
        drawn(
            tmp_path,
            kind=kind,
            execution_segment=segment,
            execution_segment_sequence="0,1/2,1",
        )
        for segment in ("0:1/2", "1/2:1")
    )
    # Setup, then two VUs with three iterations each.
    assert (len(one), len(two)) == (7, 7)
    assert not one & two


def test_a_seed_in_the_body_of_a_script_is_that_of_its_vus(tmp_path: Path) -> None:
    plain, one, same, other, again = (
        drawn(tmp_path, seed)
        for seed in ("", "random_seed(1)", "random_seed(1)", "random_seed(2)", "")
    )
    # Setup and four VUs with three iterations each: every one has numbers of its own.
    assert len(one) == 13
    assert one == same
    assert not (plain | other) & one
    assert not plain & other
    # A seed goes with its script.
    assert again == plain


def test_a_script_leaves_the_generator_of_the_program_alone(tmp_path: Path) -> None:
    random_seed(7)
    expected = [uuidv4(), uuidv4()]
    random_seed(7)
    first = uuidv4()
    drawn(tmp_path, "random_seed(1); utils.uuidv4()")
    assert [first, uuidv4()] == expected


def test_the_seed_of_a_program_is_its_own() -> None:
    seen: list[Any] = []
    for seed in (1, 2):
        random_seed(seed)
        run_once(lambda: seen.append(execution.vu.random.random()))
    assert seen[0] == seen[1]
