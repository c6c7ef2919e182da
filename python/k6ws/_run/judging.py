"""What speaks against a run that is over: what the script said of it, exceptions, thresholds."""

from __future__ import annotations

import logging

from k6ws._run import exit_codes
from k6ws._run.control import TestControl
from k6ws._run.exceptions import ScriptExceptions
from k6ws._run.outcome import Outcome
from k6ws._run.thresholds import Thresholds, log_verdict

logger = logging.getLogger("k6ws")


def judge(
    outcome: Outcome,
    control: TestControl,
    thresholds: Thresholds,
    exceptions: ScriptExceptions,
    *,
    fails: bool,
) -> None:
    """Have the outcome be what all of these come to; what ended the run before stays its result.

    ``fails`` says that a run with exceptions is none that passed.
    """
    if control.has_failed:
        outcome.decide(exit_codes.MARKED_AS_FAILED)
    crossed, without_data = thresholds.verdict()
    if fails and exceptions.all() and outcome.decide(exit_codes.SCRIPT_EXCEPTION):
        logger.error("iterations raised exceptions, and failOnExceptions is on")
    is_crossed = crossed or without_data
    if is_crossed and outcome.decide(exit_codes.THRESHOLDS_FAILED):
        log_verdict(crossed, without_data)
