"""What ``k6ws.run`` takes by name."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from k6ws._typed.options import Options


class RunKeywords(Options, total=False):
    """The options of the test, and what is done with the run; see :func:`k6ws.run`."""

    env: Mapping[str, str] | None
    seed: int | None
    out: str | list[str]
    junit: str | PathLike[str] | None
    summary_export: str | PathLike[str] | None
    report: str | PathLike[str] | None
    dashboard: str | bool | None
    progress: bool
