"""Differences from k6: a row leads to a script or says why not; a script prints what stands below it."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import k6ws
from k6ws import _core
from k6ws._cli.exits import exit_code

FOLDER = Path(__file__).parents[2] / "docs" / "explanation"
TABLES = (FOLDER / "differences-from-k6.md").read_text()
SHOWN = (FOLDER / "differences-shown.md").read_text()

ROW = re.compile(r"^\| (.+?) \| .* \| (\S+) \|$", re.MULTILINE)
SCRIPT = re.compile(
    r"^### (.+?)\n\n```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
# What it would take to show a row that has no script; the page says what they mean.
TAKES = {"peer", "net", "run", "k6"}
LINK = re.compile(r"\[✓\]\(differences-shown\.md#([\w-]+)\)")


def anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def rows() -> list[tuple[str, str]]:
    """What differs, and how it is shown."""
    return [(cell, how) for cell, how in ROW.findall(TABLES) if how not in {"shown", "---"}]


def test_a_row_has_a_script_or_says_what_it_would_take() -> None:
    assert len(rows()) > 150
    unclear = [cell for cell, how in rows() if how not in TAKES and LINK.fullmatch(how) is None]
    assert unclear == [], f"their last column is none of {TAKES}, and no link to a script"


def test_every_script_belongs_to_a_row() -> None:
    linked = {cell for cell, how in rows() if how not in TAKES}
    titles = [title for title, _, _ in SCRIPT.findall(SHOWN)]
    assert set(titles) == linked
    assert len({anchor(title) for title in titles}) == len(titles) == SHOWN.count("\n### ")


@pytest.fixture(scope="module")
def places() -> Iterator[str]:
    """The line that tells a script where to go."""
    echo, tcp = _core.EchoServer("127.0.0.1", 0), _core.EchoServer("127.0.0.1", 0, None, "tcp")
    host, port = re.sub(r"^\w+://|/$", "", tcp.url()).rsplit(":", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}/"
        yield f"URL, HOST, PORT, SILENT = {echo.url()!r}, {host!r}, {port}, {address!r}\n"
    echo.stop()
    tcp.stop()


@pytest.fixture
def without_experimental(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process of its own: what warns where it is imported does so once."""
    for name in [one for one in sys.modules if one.startswith("k6ws.experimental.")]:
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(sys.modules["k6ws.experimental"], name.rpartition(".")[2])


@pytest.mark.parametrize(
    ("script", "printed"),
    [pytest.param(script, text, id=anchor(title)) for title, script, text in SCRIPT.findall(SHOWN)],
)
@pytest.mark.usefixtures("without_experimental")
def test_a_script_prints_what_stands_below_it(
    script: str, printed: str, places: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "script.py"
    path.write_text(places + script)
    try:
        code = k6ws.run(path).exit_code
    except k6ws.K6Error as error:
        print(error)
        code = exit_code(error)
    if code:
        print("exit code", code)
    assert capsys.readouterr().out == printed
