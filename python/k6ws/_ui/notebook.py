"""Shows a run in a notebook: one block of text that changes in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .display import Display
from .progress import Progress, render_progress

__all__ = ["NOTEBOOK_MS", "NotebookDisplay"]

NOTEBOOK_MS = 500.0
"""How often a notebook is told: each time goes over its network."""


class NotebookDisplay(Display):
    """A block below the cell that asked for the run.

    Args:
        display: IPython's `display`. It is called at once, and once: what changes later stays with
            that cell, though the run has a thread of its own.

    Raises:
        TypeError: What it gives cannot be changed later.
    """

    def __init__(self, display: Callable[..., Any]) -> None:
        self._handle: Any = display(_bundle("the run begins"), raw=True, display_id=True)
        if self._handle is None:
            message = "this notebook shows nothing that can be changed later"
            raise TypeError(message)

    def update(self, progress: Progress) -> None:
        """Show this state."""
        lines = render_progress(progress, width=_COLUMNS, height=_LINES, color=True)
        self._handle.update(_bundle("\n".join(lines)), raw=True)


def _bundle(text: str) -> dict[str, str]:
    return {"text/plain": text}


_COLUMNS = 100
_LINES = 40
