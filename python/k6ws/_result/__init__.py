"""What a run comes to: typed, as a document, as a table, as a question whether all went well.

Knows no run: what is here is made of the data that a run, or a file of its snapshots, gives.
"""

from __future__ import annotations

from k6ws._result.entries import ScriptException, Threshold
from k6ws._result.metric import Metric
from k6ws._result.problems import Problem, listed, problems_of, raise_for
from k6ws._result.result import Result

__all__ = [
    "Metric",
    "Problem",
    "Result",
    "ScriptException",
    "Threshold",
    "listed",
    "problems_of",
    "raise_for",
]
