"""How a run inside a program is shown while it lasts: ``k6ws.run(…, progress=True)``.

In a terminal as ``k6ws run`` does, in a notebook as a block that changes, elsewhere a line each second; all
on standard error.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TextIO, cast

from k6ws import _ui
from k6ws._run.guarded import Guarded, log_failure
from k6ws._run.outlet import Outlet, is_color_refused, is_dumb, terminal_size
from k6ws._run.whose import leaves_the_run

logger = logging.getLogger("k6ws")

Update = Callable[[dict[str, Any]], None]


class Showing:
    """Where a run will be shown; made where the program asks for the run, which may run on another thread."""

    def __init__(self) -> None:
        """Look at where this program can be seen."""
        notebook = _in_notebook()
        if notebook is not None:
            self._display: _ui.Display = Guarded(notebook)
            self.ms = _ui.NOTEBOOK_MS
            return
        stream = cast("TextIO | None", sys.stderr)
        err = Outlet(stream, owns_process=False)
        is_tty = err.isatty() and not is_dumb()
        self.ms = _ui.TERMINAL_MS if is_tty else _ui.LINES_MS
        live = _ui.LiveDisplay(
            cast("TextIO", err),
            size=terminal_size,
            is_tty=is_tty,
            color=is_tty and not is_color_refused(),
            redirect_stdout=is_tty and _is_tty(sys.stdout),
            redirect_stderr=is_tty,
        )
        self._display = Guarded(live)

    def watched(self, progress: Callable[[], dict[str, Any]]) -> AbstractContextManager[Update]:
        """Show it for the length of a `with` block, which gives what is to be told again and again."""
        return _ui.Watched(self._display, progress, lambda text: logger.error("%s", text))


def _is_tty(stream: TextIO | None) -> bool:
    return Outlet(stream).isatty()


def _in_notebook() -> _ui.Display | None:
    """A block in the notebook that this program is, if it is one and can show it."""
    try:
        display = _notebook()
        return None if display is None else _ui.NotebookDisplay(display)
    except Exception as error:
        if leaves_the_run(error):
            raise
        log_failure(error)
        return None


def _notebook() -> Callable[..., Any] | None:
    """What shows something in the notebook that this program is, if it is one: IPython's ``display``."""
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    if not hasattr(shell, "kernel"):
        return None
    from IPython.display import display  # noqa: PLC0415 # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    return cast("Callable[..., Any]", display)
