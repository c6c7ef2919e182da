"""The JSON document of ``--summary-export``: the data of `handle_summary`, and what a pipeline asks next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from k6ws import _core
from k6ws._run.result import Result

VERSION = "1.0.0"
"""Of the document: a field that goes or changes its meaning makes it 2."""


def document(
    result: Result, scenarios: Sequence[Mapping[str, Any]], generated_at: str
) -> dict[str, Any]:
    """Everything about a run that is over, but for what may hold secrets: the script and setup's data.

    ``generated_at`` is when it was over, whenever this is written.
    """
    data = {name: part for name, part in result.to_dict().items() if name != "setup_data"}
    return {
        "version": VERSION,
        "generated_at": generated_at,
        "tool": {"name": "k6ws", "version": _core.__version__},
        "exit_code": result.exit_code,
        "scenarios": [
            {key: scenario[key] for key in ("name", "executor", "exec", "description")}
            for scenario in scenarios
        ],
        "thresholds": [
            {
                "metric": one.metric,
                "expression": one.expression,
                "ok": one.ok,
                "value": one.value,
                "no_data": one.no_data,
            }
            for one in result.thresholds
        ],
        **data,
    }
