"""VUs that reconnect from their own close handlers, and are cut in the middle of it, beside others."""

from __future__ import annotations

from typing import Any

import pytest

import k6ws
from k6ws import _core, execution, ws
from k6ws._run import exit_codes

INNOCENT_S = 0.05


@pytest.fixture
def closing(echo: _core.EchoServer) -> str:
    """Where each session is ended at once with 1012."""
    return f"{echo.url().rstrip('/')}/close/1012"


def reconnect(url: str, depth: int) -> None:
    """Be `depth` sessions deep, each in the close handler of the one before, and stay there."""
    if depth == 0:
        k6ws.sleep(60)
    ws.connect(url, lambda socket: socket.on("close", lambda: reconnect(url, depth - 1)))


@pytest.mark.parametrize(("vus", "depth"), [(50, 3), (10, 3), (3, 40), (1, 300)])
def test_a_cut_interrupts_those_vus_that_are_cut_and_no_other(
    closing: str, vus: int, depth: int
) -> None:
    began: list[int] = []
    ended: list[int] = []

    def innocent() -> None:
        began.append(execution.vu.id_in_test)
        ws.connect(closing, lambda _: k6ws.sleep(INNOCENT_S))
        ended.append(execution.vu.id_in_test)

    def default() -> None:
        if execution.scenario.name == "innocent":
            innocent()
        else:
            reconnect(closing, depth)

    timing = {"gracefulStop": "0s", "executor": "constant-vus", "duration": "1s"}
    scenarios: Any = {
        "reconnects": {**timing, "vus": vus},
        "innocent": {**timing, "vus": 5, "duration": "2s", "gracefulStop": "30s"},
    }
    result = k6ws.run(default, scenarios=scenarios)
    assert result.exit_code == 0
    assert result.to_dict()["run"]["iterations_interrupted"] == vus
    assert len(ended) == len(began)
    assert result.metrics["iterations"].count == len(ended)


@pytest.mark.parametrize("depth", [1, 3, 300])
def test_an_abort_ends_the_run_however_deep_its_sessions_are(closing: str, depth: int) -> None:
    def connect(left: int) -> None:
        if left == 0:
            execution.test.abort("deep enough")
        ws.connect(closing, lambda socket: socket.on("close", lambda: connect(left - 1)))

    result = k6ws.run(lambda: connect(depth), vus=1, duration="30s")
    assert result.exit_code == exit_codes.SCRIPT_ABORTED
