"""What `k6ws.run` takes beside k6's options: variables of the script, and files that tell of the run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import k6ws
from k6ws import check, sleep


def test_a_script_has_the_variables_of_its_run_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET", "of the process")
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import env, metrics\n"
        "loaded = metrics.Gauge(f'loaded_{env[\"TARGET\"]}')\n"
        "options = {'scenarios': {name: {'executor': 'per-vu-iterations', 'env': own}\n"
        "    for name, own in {'plain': {}, 'own': {'TARGET': 'of_its_own'}}.items()}}\n"
        "seen = metrics.Counter('seen')\n"
        "def default():\n"
        "    loaded.add(1)\n"
        "    seen.add(1, {'target': env['TARGET'], 'all': str(dict(env)['TARGET'])})\n"
    )
    result = k6ws.run(script, env={"TARGET": "a"})
    assert result.exceptions == []
    assert result.metrics["loaded_a"].value == 1
    told = sorted((tags["target"], tags["all"]) for tags, _ in result.series("seen"))
    assert told == [("a", "a"), ("of_its_own", "of_its_own")]
    assert k6ws.env["TARGET"] == "of the process"


def test_runs_side_by_side_have_variables_of_their_own() -> None:
    async def both() -> list[k6ws.Result]:
        def default() -> None:
            sleep(0.05)
            check(k6ws.env["TARGET"], {k6ws.env["TARGET"]: True})

        return await asyncio.gather(
            *(k6ws.arun(default, env={"TARGET": name}, iterations=2) for name in "ab")
        )

    first, second = asyncio.run(both())
    assert (set(first.checks), set(second.checks)) == ({"a"}, {"b"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"environment": {"TARGET": "a"}}, "unknown option 'environment'"),
        ({"env": ["TARGET=a"]}, "expected a mapping"),
        ({"env": {"COUNT": 3}}, "variables are texts"),
        ({"junit": 3}, "expected a path"),
        ({"summary_export": True}, "expected a path"),
        ({"junit": "/nonexistent/k6ws.xml"}, "cannot write junit"),
    ],
)
def test_a_keyword_that_cannot_be_is_refused_before_anything_runs(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(k6ws.OptionsError, match=said) as error:
        k6ws.run(lambda: pytest.fail("it ran"), **given)
    if "environment" in given:
        assert error.value.hint == "did you mean 'env'?"


def test_a_program_has_its_run_as_junit_and_as_a_document(tmp_path: Path) -> None:
    junit, export = tmp_path / "k6ws.xml", tmp_path / "summary.json"
    result = k6ws.run(
        lambda: check(1, {"is one": 1}),
        thresholds={"checks": ["rate==1"]},
        junit=junit,
        summary_export=str(export),
    )
    assert json.loads(export.read_text()) == json.loads(json.dumps(result.to_dict()))
    cases = ET.parse(junit).getroot().iter("testcase")
    names = {str(case.get("name")) for case in cases}
    assert "is one" in names
    assert any("rate==1" in name for name in names)


def test_a_file_that_cannot_be_written_is_no_success_and_costs_that_file_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    export = tmp_path / "summary.json"
    result = k6ws.run(lambda: None, junit="/dev/full", summary_export=export)
    assert result.exit_code == 255
    assert json.loads(export.read_text())["exit_code"] == 255
    assert "cannot be written: junit (No space left on device)" in caplog.text
    with pytest.raises(k6ws.OptionsError, match="name one file"):
        k6ws.run(lambda: None, junit=export, summary_export=export)
