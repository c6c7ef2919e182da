"""What a script finds around it, and that nothing of it stays for the program or another script."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import websockets
from k6ws.metrics import Counter, Rate, Trend
from support.journal import PATIENCE_S
from support.websockets_server import WebsocketsServer

OWN_HELPERS = """
from k6ws import check
import helpers

options = {"iterations": 1}

def default():
    import late_helpers
    check(1, {f"{helpers.NAME} and {late_helpers.NAME}": True})
"""


def script(folder: Path, text: str, **modules: str) -> Path:
    """A script in a folder of its own, with modules beside it."""
    folder.mkdir(exist_ok=True)
    for name, content in modules.items():
        (folder / f"{name}.py").write_text(content)
    path = folder / "load.py"
    path.write_text(text)
    return path


def of(path: Path) -> dict[str, str]:
    return dict.fromkeys(("helpers", "late_helpers"), f"NAME = {path.name!r}\n")


def run(path: Path) -> k6ws.Result:
    return k6ws.run(path)


def arun(path: Path) -> k6ws.Result:
    return asyncio.run(k6ws.arun(path))


def within_asyncio(path: Path) -> k6ws.Result:
    async def main() -> k6ws.Result:
        return k6ws.run(path)

    return asyncio.run(main())


RUNS = pytest.mark.parametrize("run", [run, arun, within_asyncio])


@pytest.fixture(autouse=True)
def _leaves_the_process_as_it_was() -> Iterator[None]:
    # What is installed for all may be imported for the first time by any test.
    path, argv, finders = [*sys.path], sys.argv, [*sys.meta_path]
    names = {"load", "helpers", "late_helpers", "k6ws_script"}
    before = {name: sys.modules.get(name) for name in names}
    yield
    assert sys.path == path
    assert sys.argv is argv
    assert sys.meta_path == finders
    assert {name: sys.modules.get(name) for name in names} == before


@RUNS
def test_scripts_one_after_the_other_find_their_own_modules(
    tmp_path: Path, run: Callable[[Path], k6ws.Result]
) -> None:
    paths = [script(tmp_path / name, OWN_HELPERS, **of(tmp_path / name)) for name in "abab"]
    for path in paths:
        result = run(path)
        name = path.parent.name
        assert list(result.checks) == [f"{name} and {name}"]
        assert result.exceptions == []


def test_scripts_side_by_side_find_their_own_modules(tmp_path: Path) -> None:
    # Both are loaded before a function of either runs, so their runs overlap.
    gate = sys.modules["gate"] = type(sys)("gate")
    gate.wait = threading.Barrier(2, timeout=PATIENCE_S).wait  # type: ignore[attr-defined]
    paths: list[Path] = []
    for name in "ab":
        own = {"helpers": f"NAME = {name!r}\n", f"late_{name}": "NAME = 'late'\n"}
        text = OWN_HELPERS.replace("late_helpers", f"late_{name}").replace(
            "default():", "default():\n    import gate; gate.wait()"
        )
        # What lies in the other folder under the same name is not for this one.
        own["late_a" if name == "b" else "late_b"] = "raise ImportError('of the other')\n"
        paths.append(script(tmp_path / name, text, **own))

    async def both() -> list[k6ws.Result]:
        return await asyncio.gather(*map(k6ws.arun, paths))

    try:
        results = asyncio.run(both())
    finally:
        del sys.modules["gate"]
    assert [result.exceptions for result in results] == [[], []]
    assert [list(result.checks) for result in results] == [["a and late"], ["b and late"]]


@RUNS
@pytest.mark.parametrize(
    "end", ["raise ValueError('x')", "import no_such_module", "1 +", "options = 7"]
)
def test_a_script_that_cannot_be_loaded_leaves_nothing(
    tmp_path: Path, end: str, run: Callable[[Path], k6ws.Result]
) -> None:
    text = f"import sys, helpers\nsys.path.insert(0, '/nowhere')\n{end}\ndef default(): pass\n"
    with pytest.raises(k6ws.K6Error):
        run(script(tmp_path / "a", text, **of(tmp_path / "a")))


@RUNS
def test_what_the_script_adds_to_the_path_goes_with_it(
    tmp_path: Path, run: Callable[[Path], k6ws.Result]
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helpers.py").write_text("NAME = 'lib'\n")
    text = f"import sys\nsys.path.insert(0, {str(tmp_path / 'lib')!r})\n{OWN_HELPERS}"
    result = run(script(tmp_path / "a", text, late_helpers="NAME = 'a'\n"))
    assert list(result.checks) == ["lib and a"]


def test_modules_of_the_program_stay_its_own(tmp_path: Path) -> None:
    mine = sys.modules["helpers"] = type(sys)("helpers")
    mine.NAME = "the program's"  # type: ignore[attr-defined]
    try:
        result = k6ws.run(script(tmp_path / "a", OWN_HELPERS, **of(tmp_path / "a")))
        assert list(result.checks) == ["a and a"]
        assert sys.modules["helpers"] is mine
    finally:
        del sys.modules["helpers"]


@RUNS
def test_a_script_sees_its_own_arguments_and_name(
    tmp_path: Path, run: Callable[[Path], k6ws.Result]
) -> None:
    text = """
import argparse, sys
from k6ws import check

argparse.ArgumentParser().parse_args()
seen = (sys.argv, __name__, __file__, sys.modules[__name__].__dict__ is globals())
options = {"iterations": 1}

def default():
    check(1, {repr(seen): True})
"""
    path = script(tmp_path / "a", text)
    assert list(run(path).checks) == [repr(([str(path)], "load", str(path), True))]


def test_a_name_that_is_taken_is_left_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "json.py"
    path.write_text("from k6ws import check\ndef default():\n    check(1, {__name__: True})\n")
    owner = sys.modules["json"]
    [name] = k6ws.run(path).checks
    assert name.startswith("k6ws_script")
    assert sys.modules["json"] is owner
    assert name not in sys.modules


# Metrics ------------------------------------------------------------------------------------------

COUNTS = """
from k6ws.metrics import Counter
errors = Counter("errors")
options = {"iterations": 2, "thresholds": {"errors": ["count==2"]}}
def default():
    errors.add(1)
"""
TIMES = """
from k6ws.metrics import Trend
errors = Trend("errors")
options = {"iterations": 2, "thresholds": {"errors": ["p(95)<5"]}}
def default():
    errors.add(1)
"""


@RUNS
def test_a_metric_of_one_script_is_none_of_another(
    tmp_path: Path, run: Callable[[Path], k6ws.Result]
) -> None:
    paths = [script(tmp_path / "a", COUNTS), script(tmp_path / "b", TIMES)]
    for path in [*paths, *paths]:
        result = run(path)
        assert (result.exit_code, result.exceptions) == (0, [])
        assert result.metrics["errors"].kind == ("counter" if path is paths[0] else "trend")


def test_metrics_of_scripts_side_by_side_are_apart(tmp_path: Path) -> None:
    async def both() -> list[k6ws.Result]:
        paths = [script(tmp_path / "a", COUNTS), script(tmp_path / "b", TIMES)]
        return await asyncio.gather(*(k6ws.arun(path) for path in [*paths, *paths]))

    results = asyncio.run(both())
    assert [(result.exit_code, result.exceptions) for result in results] == [(0, [])] * 4


def test_a_metric_of_a_module_beside_the_script_is_known_in_every_run(tmp_path: Path) -> None:
    text = COUNTS.replace("from k6ws.metrics import Counter\n", "import helpers\n").replace(
        'Counter("errors")', "helpers.errors"
    )
    helpers = "from k6ws.metrics import Counter\nerrors = Counter('errors')\n"
    path = script(tmp_path / "a", text, helpers=helpers)
    for _ in range(2):
        assert k6ws.run(path).metrics["errors"].count == 2


def test_a_metric_of_a_module_that_stays_is_known_in_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shared_metrics.py").write_text(
        "from k6ws.metrics import Counter\nerrors = Counter('errors')\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path / "lib"), *sys.path])
    text = COUNTS.replace("k6ws.metrics import Counter", "shared_metrics import errors").replace(
        'errors = Counter("errors")\n', ""
    )
    for name in "ab":
        assert k6ws.run(script(tmp_path / name, text)).metrics["errors"].count == 2
    del sys.modules["shared_metrics"]


def test_a_metric_is_known_though_nobody_keeps_it(tmp_path: Path) -> None:
    thresholds: dict[str, Any] = {
        "kept_by_nobody": ["count==0"],
        "never_added": [{"threshold": "rate<1", "allowNoData": True}],
    }
    Counter("kept_by_nobody")
    Rate("never_added")
    assert k6ws.run(lambda: None, thresholds=thresholds).exit_code == 0
    text = f"""
from k6ws.metrics import Counter, Rate
Counter("kept_by_nobody_else")
Rate("never_added")
options = {{"thresholds": {{"kept_by_nobody_else": ["count==0"], **{thresholds!r}}}}}
def default(): pass
"""
    assert k6ws.run(script(tmp_path / "a", text)).exit_code == 0


def test_a_name_means_what_it_was_last_declared_as() -> None:
    Counter("declared_twice")
    Trend("declared_twice")
    thresholds: dict[str, list[str | k6ws.Threshold]] = {
        "declared_twice": [{"threshold": "p(95)<1", "allowNoData": True}]
    }
    assert k6ws.run(lambda: None, thresholds=thresholds).exit_code == 0


# Sockets of the program ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "options = {'iterations': 3}\ndef default(): pass\n",
        "from k6ws.timers import set_timeout\nset_timeout(lambda: None, 1)\ndef default(): pass\n",
        "raise ValueError('x')\n",
        "from k6ws.timers import set_timeout\nset_timeout(lambda: 1 / 0, 1)\ndef default(): pass\n",
    ],
)
def test_a_run_leaves_the_open_sockets_of_the_program_alone(
    tmp_path: Path, server: WebsocketsServer, text: str
) -> None:
    got: list[object] = []
    socket = websockets.WebSocket(server.url("/ws-echo"))
    socket.onmessage = lambda event: (got.append(event.data), socket.close())
    opened: list[None] = []
    socket.onopen = lambda: opened.append(None)
    while not opened:
        k6ws.wait("10ms")
    with contextlib.suppress(k6ws.K6Error):
        k6ws.run(script(tmp_path / "a", text))
    assert socket.ready_state == websockets.WebSocket.OPEN
    socket.send("still there")
    assert k6ws.wait("5s")
    assert got == ["still there"]
