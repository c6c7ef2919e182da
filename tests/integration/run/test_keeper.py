"""A run that is kept in its own process: what is kept are the numbers of the run, to the digit."""

from __future__ import annotations

from pathlib import Path

from k6ws import _core, check, sleep, ws
from k6ws._cli.retold import Retold
from k6ws._run.runner import Runner
from k6ws._script import from_function
from k6ws.correlate import in_order
from k6ws.metrics import Trend


def talk(url: str) -> None:
    with ws.open(url, correlate=in_order()) as session:
        for name in ("say", "sing"):
            session.request(name, name)
    check(url, {"is there": bool})
    ws.connect("ws://127.0.0.1:9/nobody", lambda _: None)
    sleep(0.1)


def run(url: str, *outputs: str, is_kept: bool) -> Runner:
    own = Trend("own", is_time=True)

    def iteration() -> None:
        talk(url)
        own.add(1 / 3)

    options = {"vus": 2, "iterations": 24, "thresholds": {"own": ["avg<1"]}}
    runner = Runner(from_function(iteration), [("program", options)], outputs, is_kept=is_kept)
    runner.run()
    runner.finish()
    return runner


def test_what_is_kept_is_what_the_run_has_measured(echo: _core.EchoServer, tmp_path: Path) -> None:
    # A file is told the same.
    file = tmp_path / "run.k6ws"
    runner = run(echo.url(), f"snapshots={file}", is_kept=True)
    data = runner.result().to_dict()
    kept = runner.core.recording()
    assert kept is not None
    for recording in (kept, _core.read_snapshots([file])):
        result = Retold(recording).result()
        again = result.to_dict()
        assert again["metrics"] == data["metrics"]
        assert again["metrics"]["ws_reqs"]["values"]["count"] == 48
        assert again["metrics"]["own"]["thresholds"]["avg<1"]["ok"]
        assert again["root_group"] == data["root_group"]
        assert again["run"]["connection_failures"] == data["run"]["connection_failures"]
        assert again["run"]["connection_failures"][0]["count"] == 24
        assert result.exit_code == 0
    assert runner.outputs.descriptions == [f"snapshots ({file})"]
    assert runner.exit_code == 0


def test_a_run_that_nobody_keeps_has_no_recording(echo: _core.EchoServer) -> None:
    runner = run(echo.url(), is_kept=False)
    assert runner.core.recording() is None
    assert not runner.outputs.is_told
