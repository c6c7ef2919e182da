"""Rules every test lives by: a time limit, signals as in a terminal, and the parity items it proves."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from support.parity import COVERED_ITEMS, WHOLE_SUITE

TIME_LIMIT_S = 30
INTEGRATION = Path(__file__).parent / "integration"


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs in the background with SIGINT ignored, and children inherit that: the programs
    # that the tests interrupt would not notice.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "parity(item): number of the parity item this test proves, such as '8.1.17'"
    )
    config.addinivalue_line(
        "markers", "keeps_threads(count): the test may leave this many that end by themselves"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    covered: set[str] = set()
    for item in items:
        if config.pluginmanager.hasplugin("timeout") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(TIME_LIMIT_S))
        for marker in item.iter_markers("parity"):
            covered.update(marker.args)
    config.stash[COVERED_ITEMS] = covered
    collected = {item.path for item in items}
    config.stash[WHOLE_SUITE] = collected >= set(INTEGRATION.glob("test_*.py"))
