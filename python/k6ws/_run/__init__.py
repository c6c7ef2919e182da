"""Runs a script: VUs on the loop, exceptions counted, numbers gathered into a result."""

from k6ws._run.api import arun, run
from k6ws._run.phase import Phase
from k6ws._run.result import Result
from k6ws._run.runner import Runner
from k6ws._run.view import View
from k6ws._run.wire_log import WireLog

__all__ = ["Phase", "Result", "Runner", "View", "WireLog", "arun", "run"]
