"""Every item of the acceptance suites for k6/ws (8.1) and the k6 module (8.7) has its test."""

from __future__ import annotations

import pytest

from support.parity import COVERED_ITEMS, WHOLE_SUITE

ITEMS = {f"8.1.{n}" for n in range(1, 59)} | {f"8.7.{n}" for n in range(1, 22)}


def test_every_item_is_proved_by_a_test(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.stash[WHOLE_SUITE]:
        pytest.skip("only part of the suite was collected")
    covered = {
        item for item in pytestconfig.stash[COVERED_ITEMS] if item.startswith(("8.1", "8.7"))
    }
    assert sorted(ITEMS - covered) == []
    assert sorted(covered - ITEMS) == []
