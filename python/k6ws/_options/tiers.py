"""Tiers of options, from low to high, and the way into the core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from k6ws import _core
from k6ws.errors import OptionsError

Source: TypeAlias = Literal["config", "script", "env", "cli"]
Tier: TypeAlias = tuple[Source, Mapping[str, Any]]


def parse(tiers: Sequence[Tier]) -> _core.Options:
    """Let the core merge and check tiers, the lowest first.

    Raises:
        OptionsError: An option is wrong.
    """
    return _core.parse_options(_as_json(tiers))


def _as_json(tiers: Sequence[Tier]) -> str:
    try:
        return json.dumps([(source, dict(values)) for source, values in tiers], allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        message = f"the options hold a value that is no option: {error}"
        raise OptionsError(
            message, "options are text, numbers, booleans, lists and mappings"
        ) from None
