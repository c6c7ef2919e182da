"""Where the collected parity markers are kept between collection and the test that counts them."""

from __future__ import annotations

import pytest

COVERED_ITEMS = pytest.StashKey[set[str]]()
"""Numbers of the parity items proved by the tests collected in this run."""

WHOLE_SUITE = pytest.StashKey[bool]()
"""Whether every file of tests/integration was collected."""
