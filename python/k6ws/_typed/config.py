"""The file of ``--config``: options, and what a command does with a run. Its JSON Schema is made of this."""

from __future__ import annotations

from typing import Literal

from k6ws._typed.options import Options


class Config(Options, total=False):
    """The options of a run in a JSON file."""

    out: str | list[str]
    linger: bool
    consoleOutput: str  # noqa: N815 - k6's spelling, as below
    console_output: str
    summaryMode: Literal["compact", "full", "disabled"]  # noqa: N815
    summary_mode: Literal["compact", "full", "disabled"]
    summaryExport: str  # noqa: N815
    summary_export: str
