"""What the VUs of a scenario do, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._loop import is_coroutine_function
from k6ws._run.stage import Data
from k6ws._script import Script

if TYPE_CHECKING:
    from k6ws._core.options import Scenario


@dataclass(frozen=True)
class Functions:
    """Those of a script that one scenario calls."""

    run: Callable[..., Any]
    begin: Callable[..., Any] | None = None
    """`vu_start`"""
    end: Callable[..., Any] | None = None
    """`vu_stop`"""


def functions_of(script: Script, scenario: Scenario) -> Functions:
    """Those that a scenario names, or that are named alike for all.

    Raises:
        OptionsError: One is missing, or is nothing that a VU can call.
    """
    found: list[Callable[..., Any] | None] = []
    for named, alike in (
        (scenario["vu_start"], ("vu_start", "vuStart")),
        (scenario["vu_stop"], ("vu_stop", "vuStop")),
    ):
        name = named or next((one for one in alike if one in script.functions), None)
        found.append(None if name is None else script.function(name))
    return Functions(script.function(scenario["exec"]), *found)


class Job:
    """What the VUs of a scenario do."""

    def __init__(
        self,
        name: str,
        functions: Functions,
        data: Data,
        env: Mapping[str, str],
        tags: _core.Tags,
    ) -> None:
        """``data`` is given to each function that has a parameter for it."""
        self.name = name
        self.function = functions.run
        self.data = data if data.is_wanted_by(functions.run) else None
        self.env = env
        self.tags = tags
        self.is_async = is_coroutine_function(functions.run)
        self.begin = None if functions.begin is None else data.given_to(functions.begin)
        self.end = None if functions.end is None else data.given_to(functions.end)
        self.has_members = self.begin is not None or self.end is not None
        """Whether its VUs have to enter before their first iteration."""
