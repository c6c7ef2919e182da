"""Every option in every tier: it arrives from each, and the higher tier wins.

What arrives is seen in `k6ws inspect --execution-requirements`; an option that the core cannot honour is seen
in its refusal, which names the option and the tier.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from k6ws import _core
from k6ws._options import ROWS, Kind, Row
from support.command import Done, k6ws

CAMEL = {snake: camel for snake, camel, _ in _core.option_names()}

# Two values for each option, as JSON; those of a kind where nothing is said.
OF_A_KIND: dict[Kind, tuple[Any, Any]] = {
    Kind.NUMBER: (3, 5),
    Kind.TIME: ("7s", "1m30s"),
    Kind.SWITCH: (True, False),
    Kind.PAIRS: ({"a": "1"}, {"b": "2", "c": "3"}),
}
OF_AN_OPTION: dict[str, tuple[Any, Any]] = {
    "stages": ([{"duration": "5s", "target": 2}], [{"duration": "9s", "target": 4}] * 2),
    "scenarios": (
        {"one": {"executor": "per-vu-iterations"}},
        {"two": {"executor": "constant-vus", "duration": "5s"}},
    ),
    "execution_segment": ("0:1/4", "1/2:1"),
    "execution_segment_sequence": (["0", "1/4", "1"], ["0", "1/2", "1"]),
    "thresholds": ({"checks": ["rate>0.9"]}, {"checks": ["rate>0.5"]}),
    "system_tags": (["url", "status"], ["scenario"]),
    "summary_trend_stats": (["avg", "p(99)"], ["max"]),
    "summary_time_unit": ("ms", "s"),
    "show": (["checks"], ["iterations", "vus"]),
    "hosts": ({"a.test": "10.0.0.1"}, {"b.test": "10.0.0.2"}),
    "dns": ({"ttl": "1m"}, {"ttl": "0", "select": "first"}),
    "local_ips": (["127.0.0.1"], ["127.0.0.2", "127.0.0.3"]),
    "blacklist_ips": (["10.0.0.0/8"], ["192.168.0.0/16", "172.16.0.0/12"]),
    "block_hostnames": (["a.test"], ["*.b.test", "c.test"]),
    "tls_version": ("tls1.2", {"min": "tls1.2", "max": "tls1.3"}),
    "tls_cipher_suites": (
        ["TLS_AES_128_GCM_SHA256"],
        ["TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    ),
    "tls_auth": ([{"cert": "a", "key": "b"}], [{"cert": "c", "key": "d"}]),
    "user_agent": ("one", "two words"),
    "http_debug": ("full", "headers"),
    "cloud": ({"projectID": 1}, {"projectID": 2}),
    "ext": ({"a": 1}, {"b": 2}),
}

# Low to high: how each tier is called in messages.
TIERS = {
    "config": "config file",
    "script": "script options",
    "K6": "environment",
    "K6WS": "environment",
    "cli": "command line",
}


def samples(row: Row) -> tuple[Any, Any]:
    return OF_AN_OPTION[row.name] if row.name in OF_AN_OPTION else OF_A_KIND[row.kind]


def tiers_of(row: Row) -> list[str]:
    missing = () if row.has_variable else ("K6", "K6WS")
    return [one for one in TIERS if one not in missing and (one != "cli" or row.flags)]


def text(row: Row, value: Any, separator: str) -> str:
    """A value as one text."""
    match row.kind:
        case Kind.WORDS:
            return ",".join(value)
        case Kind.PAIRS:
            return ",".join(f"{name}{separator}{text}" for name, text in value.items())
        case Kind.FIELDS:
            return ",".join(f"{name}={text}" for name, text in value.items())
        case Kind.STAGES:
            return ",".join(f"{stage['duration']}:{stage['target']}" for stage in value)
        case Kind.SWITCH:
            return str(value).lower()
        case _:
            return str(value)


def words(row: Row, value: Any, flag: str) -> list[str]:
    """A value as it is said on the command line."""
    if row.kind is Kind.SWITCH:
        return [flag] if value else [f"--{row.flags[-1].lstrip('-')}=false"]
    said = text(row, value, "=")
    many = said.split(",") if row.kind in {Kind.WORDS, Kind.PAIRS, Kind.STAGES} else [said]
    return [word for one in many for word in (flag, one)]


def inspected(folder: Path, row: Row, given: dict[str, Any], flag: int = -1) -> Done:
    """Give an option in some tiers, and look at what becomes of it."""
    config, script = folder / "config.json", folder / "script.py"
    in_script = {row.name: given["script"]} if "script" in given else {}
    script.write_text(f"options = {in_script!r}\ndef default(): pass\none = two = default\n")
    command: list[str] = ["inspect", "--execution-requirements", str(script)]
    if "config" in given:
        config.write_text(json.dumps({CAMEL[row.name]: given["config"]}))
        command += ["--config", str(config)]
    if "cli" in given:
        command += words(row, given["cli"], row.flags[flag])
    prefixes = [prefix for prefix in ("K6", "K6WS") if prefix in given]
    variables = {f"{one}_{row.name.upper()}": text(row, given[one], ":") for one in prefixes}
    return k6ws(*command, variables=variables)


def assert_won(done: Done, row: Row, tier: str, value: Any) -> None:
    if done.code == 104:
        said = {row.name, CAMEL[row.name], f"{tier}_{row.name.upper()}"}
        assert any(f"'{name}" in done.err for name in said), done.err
        assert f"(from the {TIERS[tier]})" in done.err
    else:
        assert done.code == 0, done.err
        assert json.loads(done.out)[CAMEL[row.name]] == value


EACH_TIER = [
    pytest.param(row, tier, id=f"{row.name}-{tier}") for row in ROWS for tier in tiers_of(row)
]
EACH_STEP = [
    pytest.param(row, lower, upper, id=f"{row.name}-{lower}-{upper}")
    for row in ROWS
    for lower, upper in pairwise(tiers_of(row))
]
WITH_SHORT = [pytest.param(row, id=row.name) for row in ROWS if len(row.flags) > 1]
WITH_LIST = [
    pytest.param(row, id=row.name)
    for row in ROWS
    if row.flags and row.kind in {Kind.WORDS, Kind.STAGES}
]


def test_the_table_has_every_option_of_the_core_once() -> None:
    assert sorted(row.name for row in ROWS) == sorted(CAMEL)


@pytest.mark.parametrize(("row", "tier"), EACH_TIER)
def test_an_option_arrives_from_a_tier(tmp_path: Path, row: Row, tier: str) -> None:
    for value in samples(row):
        assert_won(inspected(tmp_path, row, {tier: value}), row, tier, value)


@pytest.mark.parametrize(("row", "lower", "upper"), EACH_STEP)
def test_the_higher_tier_wins(tmp_path: Path, row: Row, lower: str, upper: str) -> None:
    first, second = samples(row)
    for low, high in ((first, second), (second, first)):
        done = inspected(tmp_path, row, {lower: low, upper: high})
        assert_won(done, row, upper, high)


@pytest.mark.parametrize("row", WITH_SHORT)
def test_a_short_flag_is_the_long_one(tmp_path: Path, row: Row) -> None:
    value = samples(row)[0]
    assert_won(inspected(tmp_path, row, {"cli": value}, flag=0), row, "cli", value)


@pytest.mark.parametrize("row", WITH_LIST)
def test_lists_may_be_said_in_one_flag(tmp_path: Path, row: Row) -> None:
    value = samples(row)[1]
    script = tmp_path / "script.py"
    script.write_text("def default(): pass\n")
    said = [row.flags[-1], text(row, value, "=")]
    assert_won(k6ws("inspect", "--execution-requirements", script, *said), row, "cli", value)
