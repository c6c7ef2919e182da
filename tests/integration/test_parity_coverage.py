"""Every item of the acceptance suites for sockets, timers and the k6 module has its test, or its reason."""

from __future__ import annotations

import pytest

from support.parity import COVERED_ITEMS, WHOLE_SUITE

# Suites of the contract, and how many items each has.
SUITES = {
    "8.1": 58,  # k6/ws
    "8.2": 64,  # k6/websockets
    "8.3": 24,  # Blob
    "8.4": 16,  # timers and the event loop
    "8.5": 51,  # k6/x/tcp, its Go tests
    "8.6": 27,  # k6/x/tcp, its scripts
    "8.7": 21,  # the k6 module
    "8.8": 9,  # the network, and across modules
}
# Items without a test, each with the reason.
EXCUSED = {
    "8.2.44": "`compression: undefined`: Python has no undefined; None is the test of null, 8.2.43",
    "8.5.6": "about Go's dispatcher; its point, back-pressure, is test_tcp_bad_input's flood",
}
ITEMS = {f"{suite}.{n}" for suite, count in SUITES.items() for n in range(1, count + 1)}


def test_every_item_is_proved_by_a_test(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.stash[WHOLE_SUITE]:
        pytest.skip("only part of the suite was collected")
    covered = pytestconfig.stash[COVERED_ITEMS]
    assert sorted(ITEMS - covered - set(EXCUSED)) == []
    assert sorted(covered - ITEMS) == []
    assert sorted(covered & set(EXCUSED)) == [], "no excuse is needed for what has a test"
