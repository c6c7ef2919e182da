"""What ``k6ws.run`` and what is built on it take by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any

from k6ws._typed.options import Options


class OnceKeywords(Options, total=False):
    """The options of the test, and what is done with the run; see :func:`k6ws.testing.once`."""

    seed: int | None
    out: str | list[str]
    junit: str | PathLike[str] | None
    summary_export: str | PathLike[str] | None
    report: str | PathLike[str] | None
    dashboard: str | bool | None
    progress: bool


class RunKeywords(OnceKeywords, total=False):
    """The same with the variables of the script; see :func:`k6ws.run`."""

    env: Mapping[str, str] | None


class CompareKeywords(RunKeywords, total=False):
    """The same with what is compared; see :func:`k6ws.testing.compare`."""

    script: str | PathLike[str] | Callable[..., Any] | None
    metric: str
    figure: str
    at_most: float
    rounds: int
