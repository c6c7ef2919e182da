"""What a program asks for in files: no call that is refused or ended costs what was there before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

import k6ws as library
from k6ws import _page
from k6ws.errors import OptionsError
from support.command import k6ws

QUIET = "def default():\n    pass\n"
SHELL = '<script type="application/json" id="data"></script>'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "shell.html"
    path.write_text(SHELL)
    monkeypatch.setattr(_page, "PAGE", path)
    return path


def test_a_program_keeps_its_report_and_loses_no_result(tmp_path: Path, shell: Path) -> None:
    page = tmp_path / "run.html"
    page.write_text("the last one")

    def refused(text: str, **options: Any) -> None:
        with pytest.raises(OptionsError, match=text):
            library.run(lambda: None, **options)
        assert page.read_text() == "the last one"

    refused("paused", report=page, paused=True)
    refused("no_such_option", report=page, no_such_option=1)
    refused("vus", report=page, vus="many")
    refused("null", report="a\0b")
    refused("name one file", report=page, out=[f"snapshots={page}"])
    script = tmp_path / "mine.py"
    script.write_text(QUIET)
    with pytest.raises(OptionsError, match="the script and report name one file"):
        library.run(script, report=script)
    assert script.read_text() == QUIET

    class Pressed:
        def __call__(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.run(Pressed(), report=page, iterations=1)
    assert page.read_text() == "the last one"

    class Bytes:
        def __fspath__(self) -> bytes:
            return os.fsencode(tmp_path / "bytes.html")

    named = library.run(lambda: None, iterations=1, report=cast("Any", Bytes()))
    assert named.report == tmp_path / "bytes.html"
    assert (tmp_path / "bytes.html").read_text().startswith("<script")
    lost = library.run(lambda: None, iterations=1, report="/dev/full")
    assert (lost.exit_code, lost.report) == (255, None)
    assert "/dev/full" not in repr(lost)
    # Damaged before the run: that is said before it begins.
    shell.write_text("no page")
    refused("no one place", report=page)


def test_a_recording_of_a_program_is_whole_and_says_what_was_lost(
    tmp_path: Path, shell: Path
) -> None:
    del shell
    kept = tmp_path / "run.k6ws"
    (tmp_path / "mine.py").write_text(f"{QUIET}def handle_summary(data): return {{'/no/x': 'y'}}\n")
    result = library.run(tmp_path / "mine.py", out=[f"snapshots={kept}"])
    assert result.exit_code == 255
    assert k6ws("report", kept).code == 255

    def pressed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.run(pressed, out=[f"snapshots={kept}"], iterations=1)
    told = k6ws("report", kept)
    assert (told.code, "cut off" in told.err) == (105, False)
