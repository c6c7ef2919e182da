"""The page with data in it: no name, tag or error ends the script element or begins another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import k6ws
from k6ws import _page
from k6ws._page import page_text, with_data
from k6ws._run.files import ResultFiles
from k6ws.errors import K6Error, OptionsError

SHELL = (
    '<!doctype html>\n<script type="application/json" id="data"></script>\n<script>run()</script>'
)
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "-->",
    "]]>",
    "a\u2028b\u2029c",
    "\N{GRINNING FACE} é \\u003c \\",
    "&lt;/script&gt;",
    "\x00\x1b[31m",
    "<ScRiPt>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_stands_in_data_is_data(text: str) -> None:
    page = with_data(SHELL, json.dumps({text: [text]}, ensure_ascii=False))
    before, _, rest = page.partition('id="data">')
    data, end, after = rest.partition("</script>")
    assert before + 'id="data">' + end + after == SHELL
    assert json.loads(data) == {text: [text]}
    assert re.search("[<>&\u2028\u2029]", data) is None


@pytest.mark.parametrize("shell", ["<html></html>", SHELL + SHELL, with_data(SHELL, "{}")])
def test_what_is_not_the_page_is_refused(shell: str) -> None:
    with pytest.raises(ValueError, match="no one place"):
        with_data(shell, "{}")


def test_where_it_was_not_built_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_page, "PAGE", tmp_path / "page.html")
    with pytest.raises(OptionsError, match="--report needs the page") as error:
        page_text("--report")
    assert "make page" in error.value.hint
    monkeypatch.setattr(_page, "PAGE", tmp_path)
    with pytest.raises(OptionsError, match="cannot be read"):
        page_text("--report")


def test_a_report_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = tmp_path / "page.html"
    shell.write_text(SHELL)
    monkeypatch.setattr(_page, "PAGE", shell)
    assert not ResultFiles({"report": None}).has_page
    for wrong, said in [
        ("-", "is no file"),
        (str(tmp_path / "no" / "such.html"), "No such file"),
    ]:
        with pytest.raises(OptionsError, match=said):
            ResultFiles({"report": wrong})
    path = tmp_path / "run.html"
    files = ResultFiles({"report": str(path)})
    assert (files.has_page, files.name("report"), files.name("junit")) == (True, str(path), None)
    assert not path.exists()
    run = Ended()
    assert files.write(run) == []
    assert path.read_text(encoding="utf-8") == with_data(SHELL, '{"a": "</script>"}')
    assert (run.exit_code, run.is_finished) == (0, True)
    full, run = ResultFiles({"report": "/dev/full"}), Ended()
    [trouble] = full.write(run)
    assert "No space left" in trouble
    assert (run.exit_code, run.is_finished, full.name("report")) == (255, True, None)
    run.data = None
    assert files.write(run) == ["report (it makes no sense)"]
    assert path.read_text(encoding="utf-8") == with_data(SHELL, '{"a": "</script>"}')


class Ended:
    """A run, as far as its page is concerned."""

    def __init__(self) -> None:
        self.exit_code = 0
        self.is_finished = False
        self.data: str | None = '{"a": "</script>"}'

    def result(self) -> k6ws.Result:
        raise NotImplementedError

    def not_written(self) -> None:
        self.exit_code = 255

    def finish(self) -> None:
        self.is_finished = True

    def page(self) -> str:
        if self.data is None:
            message = "it makes no sense"
            raise K6Error(message)
        return self.data
