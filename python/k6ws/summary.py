"""What to make of a summary: text, JUnit XML; the helpers of k6's `handleSummary` examples.

For example::

    import json
    from k6ws.summary import junit, text_summary

    def handle_summary(data):
        return {
            "stdout": text_summary(data),
            "junit.xml": junit(data),
            "summary.json": json.dumps(data),
        }

They also work on ``result.to_dict()`` of :func:`k6ws.run`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k6ws import _ui

__all__ = ["jUnit", "junit", "textSummary", "text_summary"]


def text_summary(
    data: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    indent: str = "",
    enable_colors: bool = False,
    width: int = 10_000,
) -> str:
    """Draw the summary that ``k6ws run`` prints.

    Args:
        data: What ``handle_summary`` is given.
        options: jslib's ``{"indent": …, "enableColors": …}``, for scripts that come from k6.
        indent: Put before each line.
        enable_colors: Whether to use ANSI colours.
        width: Columns of a line at most.

    Returns:
        The text, with a line end.

    Example:
        >>> import k6ws
        >>> data = k6ws.run(lambda: k6ws.check(1, {"is one": 1})).to_dict()
        >>> "✓ is one" in text_summary(data)
        True
    """
    given = options or {}
    indent = str(given.get("indent", indent))
    color = bool(given.get("enableColors", given.get("enable_colors", enable_colors)))
    text = _ui.render_summary(data, width=width - len(indent), color=color)
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.splitlines())


def junit(
    data: Mapping[str, Any], options: Mapping[str, Any] | None = None, *, name: str = "k6ws"
) -> str:
    """Make a JUnit report: a case for each threshold, each check and each scenario.

    Args:
        data: What ``handle_summary`` is given.
        options: jslib's ``{"name": …}``, for scripts that come from k6.
        name: The name of the report.

    Returns:
        XML.

    Example:
        >>> import k6ws
        >>> data = k6ws.run(lambda: k6ws.check(1, {"is one": 1})).to_dict()
        >>> 'name="is one"' in junit(data)
        True
    """
    from k6ws._ui.junit import render_junit  # noqa: PLC0415 - loads XML

    return render_junit(data, name=str((options or {}).get("name", name)))


textSummary = text_summary  # noqa: N816 - jslib's spelling, here and below
jUnit = junit  # noqa: N816
