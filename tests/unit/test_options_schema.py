"""The JSON Schema of options is made of their types, and admits what k6ws takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from k6ws import _core
from k6ws._options import SETTINGS, find_config
from k6ws._typed import Options
from k6ws._typed.config import Config
from support.options_schema import PATH, schema, text
from support.untyped import jsonschema

ROOT = Path(__file__).parents[2]
K6_OPTIONS = json.loads((ROOT / "examples" / "k6_options.json").read_text())
RAMP = {"executor": "ramping-vus", "stages": [{"duration": "1s", "target": 5}]}


def faults(options: Any) -> list[str]:
    check = jsonschema.Draft202012Validator(schema())
    return [fault.json_path for fault in check.iter_errors(options)]


def test_the_file_is_current() -> None:
    assert PATH.read_text("utf-8") == text(), "write it anew: make schema"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_file_says_the_options_and_the_settings_of_a_command() -> None:
    settings = {spelling for names in SETTINGS for spelling in names}
    assert get_type_hints(Config).keys() == get_type_hints(Options).keys() | settings
    assert schema()["properties"].keys() == get_type_hints(Config).keys() | {"$schema"}


@pytest.mark.parametrize(
    "options",
    [
        K6_OPTIONS,
        {"$schema": "options.schema.json", "vus": "10", "stages": RAMP["stages"]},
        {"scenarios": {"a": {**RAMP, "gracefulRampDown": 0}}, "no_setup": True, "dns": "ttl=0"},
        {"thresholds": {"checks": ["rate>0.9", {"threshold": "rate>0.5", "abort_on_fail": True}]}},
        {"out": ["json=a.json"], "summaryMode": "full", "localIPs": "127.0.0.1", "cloud": {"a": 1}},
    ],
)
def test_what_is_right_is_admitted(options: dict[str, Any], tmp_path: Path) -> None:
    assert faults(options) == []
    file = tmp_path / "options.json"
    file.write_text(json.dumps(options))
    found = find_config(str(file), [name for name, _ in SETTINGS])
    read = _core.parse_options(json.dumps([["config", dict(found.options)]]))
    assert [one for one in read.warnings if "unknown" in one or "$schema" in one] == []


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"vuss": 1}, "$"),
        ({"duration": "30"}, "$.duration"),
        ({"duration": -1}, "$.duration"),
        ({"thresholds": {"checks": "rate>0.9"}}, "$.thresholds.checks"),
        ({"stages": [{"duration": "1s"}]}, "$.stages[0]"),
        ({"scenarios": {"a": {"executor": "ramping-vu"}}}, "$.scenarios.a"),
        ({"scenarios": {"a": {**RAMP, "vus": 1}}}, "$.scenarios.a"),
        ({"summaryTimeUnit": "m"}, "$.summaryTimeUnit"),
    ],
)
def test_what_is_wrong_is_shown_where_it_is(options: dict[str, Any], where: str) -> None:
    assert faults(options) == [where]


@pytest.mark.parametrize(
    ("duration", "is_right"),
    [
        *((text, True) for text in ("30s", "1m30s", "1.5h", ".5s", "2d", "2d12h", "0", "+1µs")),
        *((text, False) for text in ("", "30", "-1s", "1x", "1h2d", "1.5d", "s", "1 s", ".", ".s")),
    ],
)
def test_a_duration_is_one_to_the_core_as_well(duration: str, is_right: bool) -> None:
    assert (faults({"setupTimeout": duration}) == []) is is_right
    try:
        _core.parse_duration(duration)
    except ValueError:
        assert not is_right
    else:
        assert is_right
