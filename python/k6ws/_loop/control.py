"""What a script may do to the run that it is part of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Control(Protocol):
    """The run, as ``k6ws.execution`` sees it; found on the loop."""

    def abort(self, message: str) -> None:
        """End the run now: nothing starts any more, what runs is cut, the caller too."""
        ...

    def fail(self, message: str) -> None:
        """Let the run go on to its end, and then count as failed."""
        ...

    def vus(self, scenario: str) -> int:
        """How many VUs a scenario has in this process, at most."""
        ...

    def end_scenario(self, scenario: str) -> None:
        """Start no iteration of it any more; those that run may go on to their end."""
        ...

    def mark(self, name: str) -> None:
        """Remember this instant."""
        ...

    def left_behind(self, what: str) -> None:
        """Remember a call that goes on in a thread, and that nobody waits for any more."""
        ...

    def options(self) -> Mapping[str, Any]:
        """The options of the run, merged and derived."""
        ...
