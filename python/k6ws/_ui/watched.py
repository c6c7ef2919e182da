"""A display that is fed with what the core says of a run, and with nothing else.

It adds what takes two looks: how fast counts grow, and which failures are new.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, cast

from .display import Display
from .firsts import Firsts
from .progress import Progress
from .rates import Rates

__all__ = ["Watched"]


class Watched:
    """Feeds a display for the length of a `with` block, which gives what is to be called again and again.

    Args:
        display: what shows it.
        progress: says how far the run is; asked once more at the end.
        tell: given the first failure of each kind, a text of some lines; without it nobody is told.
    """

    def __init__(
        self,
        display: Display,
        progress: Callable[[], dict[str, Any]],
        tell: Callable[[str], object] | None,
    ) -> None:
        self._display = display
        self._progress = progress
        self._tell = tell
        self._messages = Rates()
        self._requests = Rates()
        self._firsts = Firsts()

    def __enter__(self) -> Callable[[dict[str, Any]], None]:
        """Take the place where it is shown."""
        self._display.__enter__()
        return self._update

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state there."""
        try:
            last = self._progress()
            # It belongs to the run, which refers to this: they would wait for the garbage collector.
            del self._progress
            self._update(last)
        finally:
            self._display.__exit__(kind, error, trace)

    def _update(self, progress: dict[str, Any]) -> None:
        live, figures = progress["live"], progress["figures"]
        if self._tell is not None:
            for text in self._firsts.news(figures["failures"]):
                self._tell(text)
        self._messages.see(
            progress["elapsed_ms"], {"received": live["received"], "sent": live["sent"]}
        )
        live["received_rate"] = self._messages.of("received")
        live["sent_rate"] = self._messages.of("sent")
        names: dict[Hashable, dict[str, Any]] = {
            (one["protocol"], one["name"]): one for one in figures["requests"]
        }
        self._requests.see(
            figures["elapsed_ms"],
            {name: one["made"] for name, one in names.items()},
            is_all=not figures["more_requests"],
        )
        for name, one in names.items():
            one["rate"] = self._requests.of(name)
        self._display.update(cast("Progress", progress))
