"""A program sees how far its run is where it asks for that: on a terminal, in a notebook, as lines."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import pty
import re
import select
import subprocess
import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import k6ws
from k6ws import sleep, ws
from k6ws._ui import Display, Progress, Watched
from k6ws.errors import OptionsError

TIMEOUT_S = 30
WORKING = re.compile(
    r"running \(0m0\d\.\ds\), \d/2 VUs, \d+ complete and \d interrupted iterations"
)


def rests() -> None:
    sleep(0.2)


def test_without_being_asked_a_run_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    k6ws.run(rests, vus=2, iterations=2)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("progress", ["yes", 1, None])
def test_what_is_neither_yes_nor_no_is_refused(progress: Any) -> None:
    with pytest.raises(OptionsError, match="invalid progress"):
        k6ws.run(rests, progress=progress)


def test_off_a_terminal_it_is_a_line_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    thresholds: dict[str, list[str | k6ws.Threshold]] = {"iterations": ["count>=4"]}
    k6ws.run(rests, vus=2, duration="1200ms", thresholds=thresholds, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) >= 2
    assert all(map(WORKING.match, lines)), err
    assert lines[-1].endswith(", default [ 100% ], ✓ 1 threshold"), err


def test_the_first_failure_of_a_kind_is_logged_with_its_hint(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        ws.connect("ws://127.0.0.1:1/", lambda _: None)

    with caplog.at_level(logging.ERROR, logger="k6ws"):
        k6ws.run(refused, vus=2, iterations=6, progress=True)
    told = [one.getMessage() for one in caplog.records if "connection failed" in one.getMessage()]
    assert told == [
        (
            "a connection failed: connect_refused (more of this kind are only counted)\n"
            "ws://127.0.0.1:1/: dial tcp 127.0.0.1:1: connect: connection refused\n"
            "hint: is the server running there?"
        )
    ]
    assert "6 errors" in capsys.readouterr().err


def test_what_left_an_iteration_is_not_told_a_second_time(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="k6ws"):
        k6ws.run(lambda: ws.open("ws://127.0.0.1:1/"), iterations=3, progress=True)
    messages = [one.getMessage() for one in caplog.records]
    assert [text.splitlines()[0] for text in messages] == [
        "an iteration of scenario default failed (more of this kind are only counted)"
    ]


def test_an_exception_with_the_words_of_a_failure_hides_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refused() -> None:
        ws.connect("ws://127.0.0.1:1/", lambda _: None)
        raise ValueError("refused")

    with caplog.at_level(logging.ERROR, logger="k6ws"):
        k6ws.run(refused, iterations=2, progress=True)
    messages = [one.getMessage() for one in caplog.records]
    (told,) = [text for text in messages if text.startswith("a connection failed: connect_refused")]
    assert told.endswith("hint: is the server running there?")
    assert any("ValueError: refused" in text for text in messages)


def test_of_refusals_that_leave_iterations_each_cause_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    number = iter(range(9))

    def refused() -> None:
        # One line raises for two causes: the second is but counted as an exception.
        ws.open(["ws://127.0.0.1:1/", "ws://nobody.invalid/"][next(number)])

    with caplog.at_level(logging.ERROR, logger="k6ws"):
        k6ws.run(refused, iterations=2, progress=True)
    first = [one.getMessage().splitlines()[0] for one in caplog.records]
    assert first == [
        "an iteration of scenario default failed (more of this kind are only counted)",
        "a connection failed: dns (more of this kind are only counted)",
    ]


def test_beside_an_asyncio_loop_it_is_shown_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(k6ws.arun(rests, vus=2, iterations=4, progress=True))
    assert "4 complete and 0 interrupted iterations" in capsys.readouterr().err


class Cell:
    """What stands below a cell of a notebook."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(bundle["text/plain"])


def test_in_a_notebook_one_block_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    cells: list[Cell] = []

    def display(bundle: dict[str, str], *, raw: bool, display_id: bool) -> Cell:
        assert display_id
        cells.append(Cell())
        cells[-1].update(bundle, raw=raw)
        return cells[-1]

    class Shell:
        kernel = "a kernel"

    ipython: Any = ModuleType("IPython")
    ipython.get_ipython = Shell
    ipython.display = SimpleNamespace(display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    k6ws.run(rests, vus=2, iterations=6, progress=True)
    (cell,) = cells
    assert cell.shown[0] == "the run begins"
    assert len(cell.shown) >= 2
    assert "6 complete and 0 interrupted iterations" in cell.shown[-1]


def notebook(monkeypatch: pytest.MonkeyPatch, display: Any) -> None:
    ipython: Any = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace(kernel="a kernel")
    ipython.display = SimpleNamespace(display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)


class Failing(Cell):
    """A cell whose kernel goes."""

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        super().update(bundle, raw=raw)
        if len(self.shown) > 1:
            raise RuntimeError("the kernel is gone")


def test_a_notebook_that_fails_costs_what_it_shows(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cell = Failing()

    def display(*_: Any, **__: Any) -> Failing:
        return cell

    notebook(monkeypatch, display)
    with caplog.at_level(logging.WARNING, logger="k6ws"):
        result = k6ws.run(rests, vus=2, iterations=8, progress=True)
    assert (result.passed, result.metrics["iterations"].count) == (True, 8)
    assert len(cell.shown) == 2
    said = [one.getMessage() for one in caplog.records]
    assert said == ["the progress is not shown: RuntimeError: the kernel is gone"]


def test_where_a_notebook_shows_nothing_standard_error_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no kernel")

    def nothing(*_: Any, **__: Any) -> None:
        pass

    for display in (nothing, broken):
        notebook(monkeypatch, display)
        assert k6ws.run(rests, iterations=1, progress=True).passed
        assert "1 complete and 0 interrupted iterations" in capsys.readouterr().err
    # One that is being imported only.
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    assert k6ws.run(rests, iterations=1, progress=True).passed


class WriteOnly:
    """What a program may have put in the place of a stream."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


class Raising(WriteOnly):
    """One that says that it is a terminal, and is none."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        if "complete" in self.text:
            raise RuntimeError("gone")


def test_no_stream_of_a_program_ends_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (WriteOnly(), closed, None, object(), Raising()):
        monkeypatch.setattr(sys, "stderr", stream)
        out = sys.stdout
        result = k6ws.run(rests, iterations=1, progress=True)
        assert (result.exit_code, result.metrics["iterations"].count) == (0, 1)
        assert sys.stderr is stream
        assert sys.stdout is out


def test_what_the_last_look_raises_leaves_the_streams_as_they_were() -> None:
    class Seen(Display):
        has_ended = False

        def update(self, progress: Progress) -> None:
            raise AssertionError

        def __exit__(self, *_: object) -> None:
            self.has_ended = True

    seen = Seen()
    with pytest.raises(ZeroDivisionError), Watched(seen, lambda: 1 // 0, None):  # type: ignore[arg-type, return-value] # pyright: ignore[reportArgumentType]
        pass
    assert seen.has_ended


PROGRAM = """
import k6ws
def default():
    print("said by the script", flush=True)
    k6ws.sleep(0.2)
k6ws.run(default, vus=2, iterations=4, thresholds={"iterations": ["count>=4"]}, progress=True)
"""


def test_on_a_terminal_it_is_drawn_and_what_is_printed_stays_above() -> None:
    mine, theirs = pty.openpty()
    try:
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        environment.pop("NO_COLOR", None)
        command = [sys.executable, "-c", PROGRAM]
        process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        seen = read_to_the_end(mine)
        assert process.wait(TIMEOUT_S) == 0, seen
    finally:
        os.close(mine)
    assert seen.count("said by the script") == 4
    assert "\x1b[32m✓\x1b[0m iterations count=4 ≥ 4" in seen
    # The cursor is given back.
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")


def read_to_the_end(terminal: int) -> str:
    """What a program has written on a terminal, once nobody has it open any more."""
    written, deadline = b"", time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        written += more
    return written.decode(errors="replace")
