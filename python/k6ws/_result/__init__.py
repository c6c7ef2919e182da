"""What a run comes to: typed, as a document, as a table, as a question whether all went well.

Knows no run: what is here is made of the data that a run, or a file of its snapshots, gives.
"""

from __future__ import annotations

from k6ws._result.entries import ScriptException
from k6ws._result.problems import Problem, problems_of
from k6ws._result.result import Result

__all__ = ["Problem", "Result", "ScriptException", "problems_of"]
