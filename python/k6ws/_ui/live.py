"""Keeps the progress block at the bottom of the terminal while the rest scrolls above it.

The only file of `_ui` that writes. It starts no thread and reads no clock: the caller says when to
draw by calling `update`, about every 100 ms. Without a terminal it writes one plain line for each
second of the run. `rich` is imported when a terminal is first drawn on, so that importing the
package stays cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from .display import Display
from .progress import Progress, render_plain, render_progress
from .text import columns, cropped, plain

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.text import Text

__all__ = ["LINES_MS", "TERMINAL_MS", "LiveDisplay"]

TERMINAL_MS = 100.0
"""How often a terminal is drawn on."""
LINES_MS = 1000.0
"""How often a line is written where nothing can be drawn."""


class LiveDisplay(Display):
    """Shows progress for the length of a `with` block.

    Args:
        stream: where to write.
        size: columns and lines of the terminal; asked before each drawing, because it may be resized.
        is_tty: whether the stream can be redrawn; pass false for a pipe and for `TERM=dumb`.
        color: whether to use ANSI colours.
        quiet: show no progress at all; lines given to `print_above` are still written.
        redirect_stdout: let `print` in a script come out above the block. Only for a standard
            output that is the same terminal as `stream`; it replaces `sys.stdout` for the length of
            the block.
        redirect_stderr: the same for `sys.stderr`.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        size: Callable[[], tuple[int, int]],
        is_tty: bool,
        color: bool,
        quiet: bool = False,
        redirect_stdout: bool = False,
        redirect_stderr: bool = False,
    ) -> None:
        self._stream = stream
        self._size = size
        self._color = color
        self._quiet = quiet
        self._redraws = is_tty and not quiet
        self._redirect_stdout = redirect_stdout
        self._redirect_stderr = redirect_stderr
        self._live: Live | None = None
        self._last: Progress | None = None
        self._drawn: list[int] = []
        self._drawn_width = 0
        self._printed_second = -1
        self._printed_line = ""

    def __enter__(self) -> Self:
        """Take the bottom of the terminal; without one, do nothing yet."""
        if self._redraws:
            self._live = self._open()
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen and give the cursor back, whatever happened."""
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()
        elif self._last is not None and not self._quiet:
            self._print_plain(self._last)

    def update(self, progress: Progress) -> None:
        """Draw this state; off a terminal, only when a new second of the run has begun."""
        if self._quiet:
            return
        self._last = progress
        if self._live is not None:
            from rich.console import ConsoleDimensions  # noqa: PLC0415 - is loaded by now

            width, height = (max(length, 1) for length in self._size())
            self._make_room(width)
            self._live.console.size = ConsoleDimensions(width, height)
            # The last line of the terminal is where the cursor waits.
            room = max(height - 1, 1)
            drawn = render_progress(progress, width=width, height=room, color=self._color)
            # The next block begins so many lines further up: none may take two.
            lines = [cropped(line, width) for line in drawn]
            self._drawn = [columns(plain(line)) for line in lines]
            self._live.update(_drawn(lines), refresh=True)
            return
        second = int(progress["elapsed_ms"] // 1000)
        if second != self._printed_second:
            self._printed_second = second
            self._print_plain(progress)

    def print_above(self, line: str) -> None:
        """Write a log line above the block; colours stay, making it safe is the caller's part."""
        if self._live is not None:
            self._live.console.print(_block([line]), soft_wrap=True)
        else:
            self._write(line)

    def _make_room(self, width: int) -> None:
        """Go to the beginning of what was drawn before, where a narrower terminal has broken its lines."""
        broken = sum(max(length - 1, 0) // width for length in self._drawn)
        if width < self._drawn_width and broken:
            # Up one line, and clear it, for each line that has come of the breaking.
            self._stream.write("\r\x1b[2K\x1b[1A" * broken)
        self._drawn_width = width

    def _print_plain(self, progress: Progress) -> None:
        line = render_plain(progress)
        if line != self._printed_line:
            self._printed_line = line
            self._write(line)

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _open(self) -> Live:
        from rich.console import Console  # noqa: PLC0415 - costs tens of milliseconds, so only here
        from rich.live import Live  # noqa: PLC0415

        console: Console = Console(
            file=self._stream,
            force_terminal=True,
            color_system="standard" if self._color else None,
            no_color=not self._color,
            width=max(self._size()[0], 1),
            highlight=False,
            markup=False,
            emoji=False,
        )
        return Live(
            console=console,
            auto_refresh=False,
            redirect_stdout=self._redirect_stdout,
            redirect_stderr=self._redirect_stderr,
        )


def _drawn(lines: list[str]) -> Group:
    """Lines that are drawn as they are: they fit, and what colours them need not be read again."""
    from rich.console import Group  # noqa: PLC0415
    from rich.segment import ControlType, Segment, Segments  # noqa: PLC0415

    # As a control code, whichever, a text takes no columns: nobody measures, wraps or cuts it.
    code = [(ControlType.CARRIAGE_RETURN,)]
    return Group(*(Segments([Segment(line, None, code), Segment.line()]) for line in lines))


def _block(lines: list[str]) -> Text:
    from rich.text import Text  # noqa: PLC0415

    return Text.from_ansi("\n".join(lines), overflow="fold")
