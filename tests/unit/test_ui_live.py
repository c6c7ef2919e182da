"""Progress on a terminal and off it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import Any, cast

import pytest

from k6ws._ui import LiveDisplay, Progress

RUNNING = (
    "running (0m{:02d}.{}s), 1/1 VUs, {} complete and 0 interrupted iterations, "
    "default [ {:3d}% ]\n"
)


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


def screen(written: str) -> list[str]:
    """What a terminal shows after these bytes; knows the few codes that are used here."""
    lines, row, column, index = [""], 0, 0, 0
    while index < len(written):
        char = written[index]
        index += 1
        if char == "\x1b":
            end = index + 1
            while not written[end].isalpha():
                end += 1
            count, code = written[index + 1 : end], written[end]
            index = end + 1
            if code == "t":
                width = int(count.rpartition(";")[2])
                lines = [
                    line[start : start + width]
                    for line in lines
                    for start in range(0, max(len(line), 1), width)
                ]
                row = len(lines) - 1
            elif code == "A":
                row -= int(count or 1)
            elif code == "K":
                lines[row] = ""
        elif char == "\r":
            column = 0
        elif char == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        else:
            lines[row] = lines[row][:column].ljust(column) + char + lines[row][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines if line.strip()]
