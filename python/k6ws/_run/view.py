"""How a summary is shown, as its data say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class View:
    """How a summary is shown, for the `state` and `options` parts of its data."""

    mode: str = "compact"
    no_color: bool = True
    stdout_is_tty: bool = False
    stderr_is_tty: bool = False
