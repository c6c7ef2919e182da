"""What the summary leaves out: built-in metrics that have nothing to say.

A script's own metric is always shown: whoever adds it wants to see it, at 0 as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .sections import parent_name, section_of

__all__ = ["is_silent"]


def is_silent(name: str, metric: Mapping[str, Any], *, is_compact: bool) -> bool:
    """Whether a metric, or a part of one, has no row.

    Args:
        name: of the metric, with its selector.
        metric: `{type, contains, values}`.
        is_compact: whether phases of a connect that took no time worth a line go as well.
    """
    if section_of(name) == "CUSTOM":
        return False
    values: Mapping[str, Any] = metric["values"]
    if metric["type"] == "rate":
        # Built-in rates are shares of what failed.
        return values.get("passes") == 0 and values.get("rate") is not None
    if None in values.values():
        # That there is no figure is something to say: a threshold asks for one.
        return False
    if not any(values.values()):
        return True
    is_phase = is_compact and parent_name(name) in _PHASES
    return is_phase and _typical(values) < _NO_TIME_MS


def _typical(values: Mapping[str, Any]) -> float:
    """The middle, or what there is instead of it."""
    return next((values[figure] for figure in ("med", "avg") if figure in values), _NO_TIME_MS)


# Phases that are not gone through, or that take no longer than looking at the clock.
_PHASES = frozenset(
    {"ws_dns", "ws_tcp", "ws_tls", "ws_upgrade", "tcp_socket_resolving", "tcp_socket_tls"}
)
_NO_TIME_MS = 0.01
