"""Rules every test lives by: signals as in a terminal, and what its marks mean."""

from __future__ import annotations

import signal

import pytest


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs in the background with SIGINT ignored, and children inherit that: the programs
    # that the tests interrupt would not notice.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "parity(name): the promises of docs/reference/parity.md that this test proves"
    )
    config.addinivalue_line(
        "markers", "keeps_threads(count): the test may leave this many that end by themselves"
    )
