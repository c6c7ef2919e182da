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

    def options(self) -> Mapping[str, Any]:
        """The options of the run, merged and derived."""
        ...
