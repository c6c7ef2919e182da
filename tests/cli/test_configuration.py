"""Where options come from: the configuration file, variables, and the rules between the tiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command import k6ws

SCENARIOS = {"a": {"executor": "constant-vus", "vus": 4, "duration": "9s"}}


def script(folder: Path, options: dict[str, Any] | None = None) -> Path:
    path = folder / "script.py"
    path.write_text(f"options = {options or {}!r}\ndef default(): pass\n")
    return path


def requirements(*words: str | Path, **kwargs: Any) -> dict[str, Any]:
    done = k6ws("inspect", "--execution-requirements", *words, **kwargs)
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('{"vus": 1,\n  duration: "5s"}', ":2:3:", 'the line is: duration: "5s"}'),
        ('{"vus": 1', ":1:10:", "not valid JSON"),
        ("", ":1:1:", "the file ends too early"),
        ('{"vus": NaN}', "", "NaN is no JSON"),
        ("[1]", "", "holds a list"),
        ("null", "", "holds null"),
        ("7", "", "holds a number"),
        ("[" * 100_000, "", "nested too deeply"),
    ],
)
def test_bad_json_is_named_by_line_and_column(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    config = tmp_path / "config.json"
    config.write_text(text)
    done = k6ws("inspect", script(tmp_path), "-c", config)
    assert (done.code, done.out) == (104, "")
    assert f"{config}{place}" in done.err
    assert said in done.err


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path: Path) -> None:
    done = k6ws("inspect", script(tmp_path), "-c", tmp_path / "nowhere.json")
    assert done.code == 104
    assert "No such file" in done.err
    (tmp_path / "binary.json").write_bytes(b'{"vus": \xff}')
    done = k6ws("inspect", script(tmp_path), "-c", tmp_path / "binary.json")
    assert done.code == 104
    assert "not UTF-8: byte 8" in done.err


def test_a_wrong_value_in_the_file_is_blamed_on_the_file(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"vus": "ten"}')
    done = k6ws("inspect", "--execution-requirements", script(tmp_path), "-c", config)
    assert done.code == 104
    assert "'vus' = \"ten\" (from the config file): expected a whole number" in done.err


@pytest.mark.parametrize(
    ("written", "meant"),
    [("lingre", "linger"), ("summaryExprot", "summaryExport"), ("durration", "duration")],
)
def test_a_misspelled_name_in_the_file_is_refused(tmp_path: Path, written: str, meant: str) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({written: "5s"}))
    done = k6ws("run", script(tmp_path), "-c", config)
    assert done.code == 104
    assert f"'{written}' (from the config file): there is no such" in done.err
    assert f"hint: did you mean '{meant}'?" in done.err


@pytest.mark.parametrize("variable", ["K6WS_CONFIG", "K6_CONFIG"])
def test_a_variable_names_the_file(tmp_path: Path, variable: str) -> None:
    config = tmp_path / "config.json"
    config.write_text('\ufeff{"vus": 3}')
    assert requirements(script(tmp_path), variables={variable: str(config)})["vus"] == 3


def test_the_users_own_file_is_read_if_there_is_one(tmp_path: Path) -> None:
    home = tmp_path / "k6ws"
    home.mkdir()
    at_home = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert "vus" not in requirements(script(tmp_path), variables=at_home)
    (home / "config.json").write_text('{"vus": 6}')
    assert requirements(script(tmp_path), variables=at_home)["vus"] == 6
    other = tmp_path / "other.json"
    other.write_text('{"userAgent": "x"}')
    assert "vus" not in requirements(script(tmp_path), "-c", other, variables=at_home)


def test_the_flag_may_stand_before_the_command(tmp_path: Path) -> None:
    config, other = tmp_path / "config.json", tmp_path / "other.json"
    config.write_text('{"vus": 3}')
    other.write_text('{"vus": 4}')
    asked = ("inspect", "--execution-requirements", script(tmp_path))
    assert json.loads(k6ws("-c", config, *asked).out)["vus"] == 3
    assert json.loads(k6ws("-c", config, *asked, "-c", other).out)["vus"] == 4


def test_a_settings_of_the_command_may_stand_in_the_file(tmp_path: Path) -> None:
    """`linger` is no option of the test: `run` knows it, `inspect` remarks on it."""
    config = tmp_path / "config.json"
    config.write_text('{"linger": true}')
    done = k6ws("inspect", "--execution-requirements", script(tmp_path), "-c", config)
    assert "unknown option 'linger' in the config file" in done.err


def test_more_vus_on_the_command_line_replace_scenarios_and_that_is_said(tmp_path: Path) -> None:
    path = script(tmp_path, {"scenarios": SCENARIOS})
    done = k6ws("inspect", "--execution-requirements", path, "-u", "5")
    values = json.loads(done.out)
    assert "scenarios" not in values
    assert (values["vus"], values["maxVUs"], values["totalDuration"]) == (5, 5, "10m30s")
    assert "'scenarios' from the script options is dropped" in done.err


@pytest.mark.parametrize(
    ("words", "variables", "left"),
    [
        (["-i", "6"], {}, {"vus": 3, "iterations": 6}),
        (["-d", "4s", "-u", "2"], {}, {"vus": 2, "duration": "4s"}),
        ([], {"K6WS_ITERATIONS": "6"}, {"vus": 3, "iterations": 6}),
        (["-u", "2"], {}, {"vus": 2, "duration": "30s"}),
        (["-i", "6"], {"K6_DURATION": "1m"}, {"vus": 3, "iterations": 6}),
    ],
)
def test_how_much_is_run_is_one_unit(
    tmp_path: Path, words: list[str], variables: dict[str, str], left: dict[str, Any]
) -> None:
    path = script(tmp_path, {"vus": 3, "duration": "30s"})
    values = requirements(path, *words, variables=variables)
    block = {"vus", "duration", "iterations", "stages", "scenarios"}
    assert {name: value for name, value in values.items() if name in block} == left


def test_tags_are_replaced_not_merged(tmp_path: Path) -> None:
    path = script(tmp_path, {"tags": {"a": "1", "b": "2"}})
    assert requirements(path, "--tag", "c=3")["tags"] == {"c": "3"}


def test_a_value_of_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    words = ("inspect", "--execution-requirements", script(tmp_path))
    done = k6ws(*words, variables={"K6WS_VUS": "many"})
    assert done.code == 104
    assert "'K6WS_VUS' = \"many\" (from the environment): expected a whole number" in done.err


def test_a_misspelled_variable_is_remarked_on_and_other_ones_are_not(tmp_path: Path) -> None:
    variables = {"K6WS_DURATON": "5s", "K6WS_MY_TOKEN": "x", "K6_DURATON": "5s", "K6WS_VUS": ""}
    done = k6ws("inspect", "--execution-requirements", script(tmp_path), variables=variables)
    assert done.code == 0
    assert done.err == "WARNING unknown variable K6WS_DURATON, did you mean K6WS_DURATION?\n"


def test_a_variable_of_the_script_sets_no_option(tmp_path: Path) -> None:
    assert "vus" not in requirements(script(tmp_path), "-e", "K6_VUS=5", "-e", "K6WS_VUS=5")


def test_a_number_of_milliseconds_in_a_variable_stays_one(tmp_path: Path) -> None:
    variables = {"K6_DURATION": "1500"}
    values = requirements(script(tmp_path), variables=variables)
    assert (values["duration"], values["totalDuration"]) == (1500, "31.5s")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--throw=perhaps"], "--throw=perhaps: expected true or false"),
        (["--log-format", "xml"], "expected one of text, json, raw"),
        (["--log-output", "loki=http://x"], "expected stderr, stdout, none or file=PATH"),
        (["--durration", "5s"], "--duration"),
        (["-u"], "-u"),
    ],
)
def test_a_command_line_that_is_wrong_is_255(tmp_path: Path, words: list[str], said: str) -> None:
    done = k6ws("inspect", script(tmp_path), *words)
    assert (done.code, done.out) == (255, "")
    assert said in done.err
    assert "Traceback" not in done.err
