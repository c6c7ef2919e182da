"""Exit codes, the same numbers as k6's where k6 has the case."""

from __future__ import annotations

from collections.abc import Iterable

OK = 0
THRESHOLDS_FAILED = 99
"""A threshold does not hold, or has no data to be judged by."""
SETUP_TIMEOUT = 100
TEARDOWN_TIMEOUT = 101
STOPPED_BY_REST = 103
INVALID_CONFIG = 104
EXTERNAL_ABORT = 105
NO_REST_API = 106
"""The REST API that was asked for cannot be served."""
SCRIPT_EXCEPTION = 107
"""The script could not be loaded, or its setup or teardown raised."""
SCRIPT_ABORTED = 108
"""The script called ``execution.test.abort()``."""
STUCK = 109
"""A handler could not be stopped: the run ended without it."""
MARKED_AS_FAILED = 110
"""The script called ``execution.test.fail()``."""
UNTRUSTWORTHY = 112
"""The numbers are not the target's, and ``--fail-on-untrustworthy`` is on."""
NOT_OK = 113
"""Not all went well, and ``--strict`` is on."""
GENERIC = 255


def gravest(codes: Iterable[int]) -> int:
    """The one that counts: what ended a run, then thresholds, what was demanded, what was not written."""
    last = [THRESHOLDS_FAILED, NOT_OK, UNTRUSTWORTHY, GENERIC, OK]
    return min(codes, key=lambda code: (last.index(code) if code in last else -1, code), default=OK)
