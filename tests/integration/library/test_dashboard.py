"""`k6ws.run(dashboard=…)`: the page of a run inside a program."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import _page
from k6ws.errors import CannotListen, OptionsError
from support.dashboards import PAGE, TIMEOUT_S, ask, events


@pytest.fixture(autouse=True)
def _stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    monkeypatch.setattr(_page, "PAGE", page)


def test_a_program_says_where_the_page_is_and_who_looks_is_told_how_it_ended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told: list[str] = []
    looking: list[threading.Thread] = []

    def look(at: str) -> None:
        told.extend(one.data["state"] for one in events(at))

    def default() -> None:
        at = capsys.readouterr().err.removeprefix("dashboard: ").strip()
        assert ask(at, "/").status == 200
        looking.append(threading.Thread(target=look, args=(at,)))
        looking[0].start()
        k6ws.sleep(1.5)

    result = k6ws.run(default, iterations=1, dashboard="127.0.0.1:0")
    assert result.exit_code == 0
    looking[0].join(TIMEOUT_S)
    assert told[-1] == "ended"
    assert "running" in told


def test_where_a_port_is_taken_nothing_runs() -> None:
    ran: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match="Address already in use") as refused:
            k6ws.run(lambda: ran.append(1), iterations=1, dashboard=f":{port}")
    assert isinstance(refused.value, OSError)
    assert ran == []


@pytest.mark.parametrize("wanted", ["http://127.0.0.1:1", 5665, ["127.0.0.1:1"], ""])
def test_what_is_no_address_is_refused(wanted: Any) -> None:
    with pytest.raises(OptionsError, match="HOST:PORT"):
        k6ws.run(lambda: None, iterations=1, dashboard=wanted)


@pytest.mark.parametrize("wanted", [None, False])
def test_nobody_listens_where_no_page_is_wanted(
    wanted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert k6ws.run(lambda: None, iterations=1, dashboard=wanted).exit_code == 0
    assert capsys.readouterr().err == ""
