"""Progress on a terminal and off it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import Any, cast

import pytest

from k6ws._ui import LiveDisplay, Progress
from k6ws._ui.figures import threshold_lines
from k6ws._ui.text import Paint, columns, cropped, plain
from support.shown_runs import asked, standing, stands

RUNNING = (
    "running (0m{:02d}.{}s), 1/1 VUs, {} complete and 0 interrupted iterations, "
    "default [ {:3d}% ]\n"
)


STANDS = stands("p(95)", "<", 50, 12.65, ok=True)


def at(elapsed_ms: float, iterations: int = 0) -> Progress:
    return {
        "elapsed_ms": elapsed_ms,
        "vus": 1,
        "vus_max": 1,
        "iterations": iterations,
        "interrupted": 0,
        "scenarios": [
            {
                "name": "default",
                "executor": "constant-vus",
                "phase": "running",
                "active_vus": 1,
                "vus": 1,
                "elapsed_ms": elapsed_ms,
                "duration_ms": 10_000,
                "started": iterations,
                "total": None,
                "per_vu": None,
                "cut": False,
            }
        ],
        "live": {
            "open": 1,
            "received_rate": 2,
            "sent_rate": 3,
            "connect_p95_ms": 4,
            "errors": 0,
        },
    }


def display(stream: io.StringIO, **changes: Any) -> LiveDisplay:
    settings: dict[str, Any] = {"size": lambda: (80, 24), "is_tty": False, "color": False}
    return LiveDisplay(stream, **(settings | changes))


def test_off_a_terminal_each_second_has_one_line() -> None:
    stream = io.StringIO()
    with display(stream) as live:
        for tenth in range(25):
            live.update(at(tenth * 100, tenth))
    assert stream.getvalue() == (
        RUNNING.format(0, 0, 0, 0)
        + RUNNING.format(1, 0, 10, 10)
        + RUNNING.format(2, 0, 20, 20)
        + RUNNING.format(2, 4, 24, 24)
    )


def test_off_a_terminal_an_unchanged_end_is_not_repeated() -> None:
    stream = io.StringIO()
    with display(stream) as live:
        live.update(at(1_000, 1))
    assert stream.getvalue() == RUNNING.format(1, 0, 1, 10)


def test_off_a_terminal_log_lines_come_in_order() -> None:
    stream = io.StringIO()
    with display(stream) as live:
        live.print_above("before")
        live.update(at(0))
        live.print_above("after")
    assert stream.getvalue() == f"before\n{RUNNING.format(0, 0, 0, 0)}after\n"


@pytest.mark.parametrize("is_tty", [False, True])
def test_quiet_shows_log_lines_only(is_tty: bool) -> None:
    stream = io.StringIO()
    with display(stream, is_tty=is_tty, quiet=True) as live:
        live.update(at(0))
        live.print_above("a warning")
    assert stream.getvalue() == "a warning\n"


def test_on_a_terminal_the_block_is_redrawn_below_the_log() -> None:
    stream = io.StringIO()
    with display(stream, is_tty=True) as live:
        live.update(at(1_000, 1))
        live.print_above("a warning")
        live.update(at(2_000, 2))
    assert screen(stream.getvalue()) == [
        "a warning",
        "running (0m02.0s), 1/1 VUs, 2 complete and 0 interrupted iterations",
        "default   [=======>------------------------------] 1 VUs  02.0s/10s",
        "ws: 1 open, 2.0 msgs/s in, 3.0 msgs/s out, connect p95 4ms, errors 0",
    ]


def test_on_a_terminal_the_width_is_asked_for_each_time() -> None:
    stream, widths = io.StringIO(), [80, 80, 50]

    def size() -> tuple[int, int]:
        width = widths.pop(0)
        if width == 50:
            # What a terminal does to the lines that it shows when it gets narrower.
            stream.write("\x1b[8;24;50t")
        return width, 24

    with display(stream, is_tty=True, size=size) as live:
        live.update(at(1_000))
        live.print_above("a warning")
        live.update(at(2_000))
    assert screen(stream.getvalue()) == [
        "a warning",
        "running (0m02.0s), 1/1 VUs,",
        "    0 complete and 0 interrupted iterations",
        "default   [====>----------------] 1 VUs  02.0s/10s",
        "ws: 1 open, 2.0 msgs/s in, 3.0 msgs/s out,",
        "    connect p95 4ms, errors 0",
    ]


@pytest.mark.parametrize("width", range(40, 90, 7))
def test_a_coloured_line_that_just_fits_is_drawn_whole(width: int) -> None:
    drawn: list[list[str]] = []
    for color in (True, False):
        stream = io.StringIO()
        with display(stream, is_tty=True, color=color, size=lambda: (width, 24)) as live:
            live.update(at(1_000))
            live.update(at(2_000))
        drawn.append(screen(re.sub(r"\x1b\[\d+m", "", stream.getvalue())))
    assert drawn[0] == drawn[1]
    words = ["1 open", "msgs/s in", "msgs/s out", "connect p95 4ms", "errors 0"]
    assert [word for word in words if word not in " ".join(" ".join(drawn[0]).split())] == []


def test_the_block_is_never_higher_than_the_terminal() -> None:
    stream = io.StringIO()
    many = at(2_000)
    many["scenarios"] = [*many["scenarios"]] * 30
    with display(stream, is_tty=True, size=lambda: (80, 10)) as live:
        live.update(many)
        live.update(many)
    lines = screen(stream.getvalue())
    assert len(lines) == 9
    assert "  +24 more scenarios" in lines


@pytest.mark.parametrize("color", [False, True])
def test_on_a_terminal_colour_is_the_callers_choice(color: bool) -> None:
    stream = io.StringIO()
    with display(stream, is_tty=True, color=color) as live:
        live.update(at(1_000))
    assert ("\x1b[36m" in stream.getvalue()) is color


def test_the_cursor_comes_back_after_an_error() -> None:
    stream = io.StringIO()
    live = display(stream, is_tty=True)
    with pytest.raises(KeyError), live:
        live.update(cast("Progress", {}))
    hidden, shown = (stream.getvalue().rindex(code) for code in ("\x1b[?25l", "\x1b[?25h"))
    assert hidden < shown


def test_a_script_may_print_while_the_block_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with display(stream, is_tty=True, redirect_stdout=True) as live:
        live.update(at(1_000))
        sys.stdout.write("from the script\n")
        live.update(at(2_000))
    assert sys.stdout is stream
    assert screen(stream.getvalue())[0] == "from the script"
    assert len(screen(stream.getvalue())) == 4


def test_rich_is_loaded_only_for_a_terminal() -> None:
    code = "import sys, k6ws._ui; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("width", [1, 7, 20, 30, 40, 43, 44, 45, 60, 80])
@pytest.mark.parametrize(
    "name",
    [
        "say",
        "join the room that everybody is in " * 4,
        "部屋に入る " * 20,
        "x" * 300,
        "ab\u0301" * 90,
    ],
)
def test_a_block_takes_its_place_again_however_narrow_the_terminal(width: int, name: str) -> None:
    stream = io.StringIO()
    figures: Any = {
        "elapsed_ms": 1.0,
        "thresholds": [standing(f"ws_req_duration{{name:{name}}}", STANDS)],
        "shown": [],
        "requests": [asked(name, 1204, 12.65, 241.0, 3)],
        "more_requests": 0,
        "failures": [],
    }
    with display(stream, is_tty=True, size=lambda: (width, 50)) as live:
        for tenth in range(1, 6):
            live.update({**at(tenth * 1000, tenth), "figures": figures})
    lines = screen(stream.getvalue(), width)
    assert max(map(columns, lines)) <= width
    text = re.sub(r"\s", "", "".join(lines))
    if width >= 20:
        # The last block is there once, and nothing of those before it.
        assert text.count("running(0m05.0s)") == 1
        assert text.count("0m0") == 1
    if width >= 44:
        assert "p(95)=12.6ms<50ms" in text
        assert "1204" in text


def test_names_with_spaces_give_way_to_figures() -> None:
    name = "a name of many words " * 9
    (line,) = threshold_lines([standing(name, STANDS)], width=80, paint=Paint(color=False))
    assert columns(line) <= 80
    assert line.endswith("… p(95)=12.6ms < 50ms")


@pytest.mark.parametrize("width", [1, 2, 5, 11, 12, 30])
def test_a_line_that_is_cropped_keeps_its_colours_and_ends_them(width: int) -> None:
    line = "ab \x1b[31m部屋\x1b[0m cd \x1b[36mvalue\x1b[0m"
    shown = cropped(line, width)
    assert columns(plain(shown)) <= width
    assert plain(line).startswith(plain(shown))
    assert re.findall(r"\x1b\[\d+m", shown) == re.findall(r"\x1b\[\d+m", line)
    assert cropped(line, 80) == line


def screen(written: str, width: int = 1000) -> list[str]:
    """What a terminal of this width shows, and has shown, after these bytes."""
    terminal = _Screen(width)
    for code, text in re.findall(r"(\x1b\[[^A-Za-z]*[A-Za-z])|([^\x1b])", written):
        if code:
            terminal.steer(code[2:-1], code[-1])
        else:
            terminal.put(text)
    shown = ["".join(line).rstrip() for line in terminal.lines]
    return [line for line in shown if line]


class _Screen:
    """Lines of cells; knows the few codes that are used."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[list[str]] = [[]]
        self.row = self.column = 0

    def steer(self, count: str, code: str) -> None:
        if code == "t":
            # What a terminal does to lines that are too long for what it is now.
            self.width = int(count.rpartition(";")[2])
            self.lines = [
                line[start : start + self.width]
                for line in self.lines
                for start in range(0, max(len(line), 1), self.width)
            ]
            self.row = len(self.lines) - 1
        elif code == "A":
            self.row = max(self.row - int(count or 1), 0)
        elif code == "K":
            self.lines[self.row] = []

    def put(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self._go_down()
        elif not columns(char):
            self.lines[self.row][self.column - 1] += char
        else:
            # It goes on in the next line only where there is more to be shown.
            if self.column + columns(char) > self.width:
                self._go_down()
            line = self.lines[self.row]
            line += [" "] * (self.column + columns(char) - len(line))
            line[self.column : self.column + columns(char)] = [char, ""][: columns(char)]
            self.column += columns(char)

    def _go_down(self) -> None:
        self.row, self.column = self.row + 1, 0
        self.lines += [[] for _ in range(self.row + 1 - len(self.lines))]
