"""A build that is not optimised says so where it is imported: a slow generator lies."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The modules of the package are made once; only its own body runs again, with what the core is said to be.
IMPORT = """
import importlib, warnings
warnings.simplefilter("ignore")
import k6ws
k6ws._core.IS_DEBUG_BUILD = {is_debug}
warnings.simplefilter("default")
importlib.reload(k6ws)
import k6ws.ws
"""


def told(*, is_debug: bool) -> list[str]:
    """What an import of such a build prints."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT.format(is_debug=is_debug)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if "RuntimeWarning" in line]


@pytest.mark.parametrize("is_debug", [True, False])
def test_a_debug_build_warns_once_and_an_optimised_one_never(*, is_debug: bool) -> None:
    warnings = told(is_debug=is_debug)
    assert len(warnings) == (1 if is_debug else 0)
    assert all("not optimised" in line and "`make build`" in line for line in warnings)
