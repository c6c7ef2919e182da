"""Runs a script: VUs on the loop, exceptions counted, numbers gathered into a result."""

from k6ws._run.api import arun, run
from k6ws._run.owner import Owner, View
from k6ws._run.phase import Phase
from k6ws._run.result import Result
from k6ws._run.runner import Runner

__all__ = ["Owner", "Phase", "Result", "Runner", "View", "arun", "run"]
