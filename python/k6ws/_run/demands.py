"""What whoever asked for a run may want of it beside thresholds: that all went well, that numbers count."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from k6ws._result import Result
from k6ws._run import exit_codes
from k6ws._run.owner import Owner

logger = logging.getLogger("k6ws")


class Demands:
    """What of it was said to be missing: the end of a run is looked at again where something comes late."""

    def __init__(self) -> None:
        self._said: set[int] = set()

    def unmet(self, owner: Owner, result: Result) -> Iterator[int]:
        """The exit codes of what is not so; the log says all of it once, whatever code the run ends with."""
        if owner.needs_trust and not result.trustworthy:
            self._say(
                exit_codes.UNTRUSTWORTHY,
                "the numbers are not the target's, and --fail-on-untrustworthy is on",
            )
            yield exit_codes.UNTRUSTWORTHY
        if owner.is_strict and (problems := result.problems):
            text = "\n".join(map(str, problems))
            self._say(exit_codes.NOT_OK, f"not all went well, and --strict is on:\n{text}")
            yield exit_codes.NOT_OK

    def _say(self, code: int, text: str) -> None:
        if code not in self._said:
            self._said.add(code)
            logger.error("%s", text)
