"""`setup` and `teardown`: once each, before and after everything, with what they pass on."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

import k6ws
from support.servers import WebsocketsServer


def run(tmp_path: Path, source: str, **options: Any) -> tuple[k6ws.Result, list[str]]:
    """Run a script that appends to `LOG`; what it noted, line by line."""
    log = tmp_path / "log"
    script = tmp_path / "script.py"
    note = textwrap.dedent(f"""
        def note(*words):
            with open({str(log)!r}, "a") as log:
                print(*words, file=log)
        """)
    script.write_text(note + textwrap.dedent(source))
    result = k6ws.run(script, **options)
    return result, log.read_text().splitlines() if log.exists() else []


def test_setup_data_is_shared_by_all_vus_and_changed_by_none(tmp_path: Path) -> None:
    result, noted = run(
        tmp_path,
        """
        import copy, json, pickle
        from k6ws import execution
        def setup():
            note("setup", execution.vu.id_in_test)
            return {"list": [1]}
        def default(data):
            for change in (
                lambda: data.update(list=[]),
                lambda: data.pop("list"),
                lambda: data["list"].append(2),
                lambda: data["list"].sort(),
            ):
                try:
                    change()
                except TypeError as error:
                    assert "copy.deepcopy" in error.hint
                else:
                    note("changed")
            mine = copy.deepcopy(data)
            mine["list"].append(execution.vu.id_in_test)
            same = data == json.loads(json.dumps(pickle.loads(pickle.dumps(data))))
            note("default", id(data["list"]), data["list"], mine["list"], same)
        def teardown(data=None):
            note("teardown", data["list"])
        """,
        scenarios={"s": {"executor": "per-vu-iterations", "vus": 2, "iterations": 2}},
    )
    assert (noted[0], noted[-1]) == ("setup 0", "teardown [1]")
    assert len({one.split()[1] for one in noted[1:-1]}) == 1
    assert sorted(one.split(" ", 2)[2] for one in noted[1:-1]) == [
        "[1] [1, 1] True",
        "[1] [1, 1] True",
        "[1] [1, 2] True",
        "[1] [1, 2] True",
    ]
    assert (result.exit_code, result.metrics["iterations"].count) == (0, 4)


def test_functions_without_a_parameter_are_called_without_data(tmp_path: Path) -> None:
    _, noted = run(
        tmp_path,
        """
        def setup(): return 7
        def default(): note("default")
        def teardown(): note("teardown")
        """,
    )
    assert noted == ["default", "teardown"]


def test_without_setup_a_parameter_is_none_and_a_default_stays(tmp_path: Path) -> None:
    _, noted = run(tmp_path, "def default(data): note(data)\n")
    assert noted == ["None"]
    values: list[int] = []

    def default(value: int = 7) -> None:
        values.append(value)

    k6ws.run(default, iterations=2)
    assert values == [7, 7]


@pytest.mark.parametrize("prefix", ["", "async "])
def test_stages_are_measured_and_count_as_no_iteration(
    tmp_path: Path, server: WebsocketsServer, prefix: str
) -> None:
    call = "await ws.aconnect" if prefix else "ws.connect"
    result, noted = run(
        tmp_path,
        f"""
        from k6ws import ws
        {prefix}def setup():
            r = {call}({server.url("/ws-echo")!r}, lambda s: s.on("open", s.close))
            return r.status
        {prefix}def default(status): note(status)
        {prefix}def teardown():
            {call}({server.url("/ws-echo")!r}, lambda s: s.on("open", s.close))
        """,
        iterations=2,
    )
    assert (noted, result.exceptions) == (["101", "101"], [])
    groups = {tags["group"]: values["count"] for tags, values in result.series("ws_sessions")}
    assert groups == {"::setup": 1, "::teardown": 1}
    moved = {tags["group"]: values["count"] for tags, values in result.series("data_sent")}
    assert moved["::setup"] > 100
    assert result.metrics["iterations"].count == 2


@pytest.mark.parametrize(
    ("source", "code", "noted"),
    [
        ("def setup(): raise ValueError('no')", 107, []),
        ("def setup(): return object()", 107, []),
        ("import k6ws\ndef setup(): k6ws.sleep(60)", 100, []),
        ("import asyncio\nasync def setup(): await asyncio.sleep(60)", 100, []),
        ("def teardown(): raise ValueError('no')", 107, ["default"]),
        ("import k6ws\ndef teardown(): k6ws.sleep(60)", 101, ["default"]),
        (
            "from k6ws.timers import set_timeout\ndef setup(): set_timeout(lambda: 1 / 0, 1)",
            107,
            [],
        ),
    ],
)
def test_what_a_failed_stage_does_to_the_run(
    tmp_path: Path, source: str, code: int, noted: list[str]
) -> None:
    script = f"{source}\ndef default(): note('default')\n"
    if "def teardown" not in source:
        script += "def teardown(): note('teardown')\n"
    result, seen = run(tmp_path, script, setupTimeout="200ms", teardownTimeout="200ms")
    assert (result.exit_code, seen) == (code, noted)
    assert not result.passed


def test_no_setup_and_no_teardown_leave_them_out(tmp_path: Path) -> None:
    source = """
        def setup(): note("setup")
        def default(): note("default")
        def teardown(): note("teardown")
        """
    _, noted = run(tmp_path, source, no_setup=True, noTeardown=True)
    assert noted == ["default"]
