"""Tiers of options, from low to high, and the way into the core."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from k6ws import _core
from k6ws._options.faults import fault

Source: TypeAlias = Literal["config", "script", "program", "env", "cli"]
Tier: TypeAlias = tuple[Source, Mapping[str, Any]]


def parse(tiers: Sequence[Tier]) -> _core.Options:
    """Let the core merge and check tiers, the lowest first.

    Raises:
        OptionsError: An option is wrong.
    """
    for source, values in tiers:
        found = fault(source, values)
        if found is not None:
            raise found
    text = json.dumps([(source, dict(values)) for source, values in tiers], allow_nan=False)
    return _core.parse_options(text)
