"""What the fixtures of pytest are, for annotations: ``def test_chat(k6ws_run: RunFixture, …)``."""

from __future__ import annotations

from typing import Any, Protocol, Unpack

from k6ws._result import Result
from k6ws._run.api import Subject
from k6ws._typed.run import CompareKeywords, RunKeywords
from k6ws.testing.comparison import Comparison


class RunFixture(Protocol):
    """``k6ws_run``: runs a load test, and sees to it that somebody judges the result."""

    def __call__(self, script: Subject, **options: Unpack[RunKeywords]) -> Result:
        """Run as ``k6ws.run`` does; options of the marker lie below these."""
        ...

    async def arun(self, script: Subject, **options: Unpack[RunKeywords]) -> Result:
        """Run as ``k6ws.arun`` does."""
        ...


class CompareFixture(Protocol):
    """``k6ws_compare``: compares two targets, and sees to it that somebody judges that."""

    def __call__(self, a: Any, b: Any, **options: Unpack[CompareKeywords]) -> Comparison:
        """Compare as ``k6ws.testing.compare`` does."""
        ...
