"""What whoever asked for a run may want of it beside thresholds: that all went well, that numbers count."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from k6ws._result import Result
from k6ws._run import exit_codes
from k6ws._run.owner import Owner

logger = logging.getLogger("k6ws")


def unmet(owner: Owner, result: Result) -> Iterator[int]:
    """The exit codes of what is not so; the log says all of it, whatever code the run ends with."""
    if owner.needs_trust and not result.trustworthy:
        logger.error("the numbers are not the target's, and --fail-on-untrustworthy is on")
        yield exit_codes.UNTRUSTWORTHY
    if owner.is_strict and (problems := result.problems):
        logger.error("not all went well, and --strict is on:\n%s", "\n".join(map(str, problems)))
        yield exit_codes.NOT_OK
