"""The metrics that a script declares, made known to its run."""

from __future__ import annotations

import contextlib

from k6ws import _core
from k6ws._script import Script
from k6ws.errors import K6Error


def declare(core: _core.Run, script: Script) -> list[str]:
    """Make the metrics of a script known to its run; what is to be said of their names."""
    remarks: list[str] = []
    for name, kind, is_time in script.metrics.known():
        # One that clashes with another is refused when it is used.
        with contextlib.suppress(K6Error):
            remarks.append(core.declare(name, kind, is_time))
    return [remark for remark in remarks if remark]
