"""Who asked for a run, as the run sees it: told how far it is and where it is stuck, shows its summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from k6ws._run.ticks import SECOND_MS


@dataclass(frozen=True)
class View:
    """How a summary is shown, for the `state` and `options` parts of its data."""

    mode: str = "compact"
    no_color: bool = True
    stdout_is_tty: bool = False
    stderr_is_tty: bool = False


@dataclass(frozen=True)
class Owner:
    """What an owner wants; a program wants nothing but the result."""

    on_progress: Callable[[dict[str, Any]], None] | None = None
    """Given how far the run is, every ``progress_ms``."""
    progress_ms: float = SECOND_MS
    on_stuck: Callable[[str], None] | None = None
    """Told where a handler cannot be stopped, by a run that owns its process, so that it may end that."""
    view: View = field(default_factory=View)
    is_strict: bool = False
    """All must have gone well, or the exit code says so."""
    needs_trust: bool = False
    """The numbers must be the target's, or the exit code says so."""
