"""The options that type checkers know are those of the core, in both spellings: neither has one more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from k6ws import _core
from k6ws._result import figures
from k6ws._run.keywords import OURS
from k6ws._typed import Options, Scenario, Stage, Threshold
from k6ws._typed.options import Dns, TlsAuth, TlsVersion, TlsVersions
from k6ws._typed.run import CompareKeywords, OnceKeywords, RunKeywords
from k6ws.testing import compare, once
from support.option_names import executors, spellings_of

KEYWORD_ONLY = Parameter.KEYWORD_ONLY
BUILTIN = Path(__file__).parents[2] / "src" / "metrics" / "builtin.rs"
SCENARIOS: dict[str, type] = {
    get_args(get_type_hints(kind)["executor"])[0]: kind for kind in get_args(Scenario)
}
# What each key may be, where no default goes: what a scenario of any executor needs, and more.
VALUES: dict[str, Any] = {
    **dict.fromkeys(("exec", "vuStart", "vu_start", "vuStop", "vu_stop"), "chat"),
    "env": {},
    "tags": {},
    "options": {},
    **dict.fromkeys(("rate", "vus", "iterations"), 5),
    **dict.fromkeys(("startRate", "start_rate", "startVUs", "start_vus"), 1),
    **dict.fromkeys(("preAllocatedVUs", "pre_allocated_vus", "maxVUs", "max_vus"), 5),
    "stages": [{"duration": "1s", "target": 5}],
}
NEEDED = {
    "shared-iterations": ["iterations"],
    "constant-vus": ["duration"],
    "ramping-vus": ["stages"],
    "constant-arrival-rate": ["rate", "duration", "preAllocatedVUs"],
    "ramping-arrival-rate": ["stages", "preAllocatedVUs"],
}


def read(options: Mapping[str, Any]) -> _core.Options:
    return _core.parse_options(json.dumps([["script", options]]))


def test_options_are_those_of_the_core() -> None:
    known = {spelling for names in _core.option_names() for spelling in names[:2]}
    assert get_type_hints(Options).keys() == known == spellings_of("OPTIONS")


def test_a_run_takes_them_and_its_own() -> None:
    assert get_type_hints(RunKeywords).keys() == get_type_hints(Options).keys() | set(OURS)


def test_what_is_built_on_a_run_takes_the_same_and_its_own() -> None:
    run = get_type_hints(RunKeywords).keys()
    own = {name for name, one in signature(compare).parameters.items() if one.kind is KEYWORD_ONLY}
    assert get_type_hints(CompareKeywords).keys() == run | own
    # It has a parameter of this name.
    assert get_type_hints(OnceKeywords).keys() == run - {"env"}
    assert "env" in signature(once).parameters


def test_each_executor_has_its_scenario() -> None:
    assert {name: set(get_type_hints(kind)) for name, kind in SCENARIOS.items()} == executors()


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (Stage, "STAGE"),
        (Threshold, "THRESHOLD"),
        (TlsVersions, "TLS_VERSION"),
        (TlsAuth, "TLS_AUTH"),
    ],
)
def test_what_stands_within_an_option_is_that_of_the_core(kind: type, table: str) -> None:
    assert get_type_hints(kind).keys() == spellings_of(table)


@pytest.mark.parametrize(
    ("executor", "key"), [(name, key) for name in SCENARIOS for key in sorted(executors()[name])]
)
def test_the_core_takes_every_key_of_a_scenario(executor: str, key: str) -> None:
    # The other spelling of one that is needed takes its place.
    words = {word.replace("_", "").lower(): word for word in NEEDED.get(executor, ())}
    words[key.replace("_", "").lower()] = key
    scenario = {word: VALUES.get(word, "1s") for word in words.values()} | {"executor": executor}
    assert len(read({"scenarios": {"a": scenario}}).scenarios()) == 1


@pytest.mark.parametrize(("key", "hint"), get_type_hints(Dns).items())
def test_the_core_takes_every_word_of_dns(key: str, hint: object) -> None:
    for word in get_args(hint):
        read({"dns": {key: "5s" if isinstance(word, type) else word}})


@pytest.mark.parametrize("version", get_args(TlsVersion))
def test_the_core_takes_every_version_of_tls(version: str) -> None:
    read({"tlsVersion": version, "tags": {}})
    read({"tls_version": {"min": version}})


@pytest.mark.parametrize("key", ["summaryTimeUnit", "summary_time_unit"])
def test_the_core_takes_every_unit(key: str) -> None:
    for unit in get_args(get_type_hints(Options)[key]):
        read({key: unit})


def test_the_built_in_metrics_are_those_of_the_core() -> None:
    rows = re.findall(r'row\(\w+, "(\w+)", Kind::(\w+),', BUILTIN.read_text())
    kinds = {kind for _, kind in rows}
    told = {(name, kind) for kind in kinds for name in get_args(getattr(figures, f"{kind}Name"))}
    assert told == set(rows)
    assert len(told) == len(rows)
