"""Whatever options hold, `k6ws inspect` takes it or refuses it in a line that says which, what and whose."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from k6ws import _core
from support.command import k6ws

REFUSAL = re.compile(r"k6ws: .*(from the|config file|variable|option|--)", re.DOTALL)
NAMES = [name for names in _core.option_names() for name in names[:2] if name]
EXECUTORS = [
    *("constant-vus", "ramping-vus", "shared-iterations", "per-vu-iterations"),
    *("constant-arrival-rate", "ramping-arrival-rate", "externally-controlled", "none"),
]
FIELDS = [
    *("executor", "vus", "duration", "iterations", "rate", "timeUnit", "preAllocatedVUs", "maxVUs"),
    *("stages", "startTime", "gracefulStop", "gracefulRampDown", "startVUs", "startRate", "exec"),
    *("maxDuration", "env", "tags", "options", "target", "threshold", "abortOnFail", "window"),
    *("delayAbortEval", "allowNoData", "", "\N{PILE OF POO}"),
]
SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64, 10**12, 10**400),
    *(-(10**30), 1e308, -0.0, 0.5, 5e-324, float("inf"), float("nan")),
    *("", "0", "1", "-1", "1s", "1h", "999999999h", "1e9h", "-1s", "1.5m", "\0", "\ud800", "a:b"),
    *("\N{PILE OF POO}" * 50, "a" * 100_000, "\x1b[31m", "0:1", "1/3", "1/0", "0,1/2,1", "1e3"),
    *("p(95)<200", "rate>0.9", "count>=", "avg<1e400", "p(101)<1", "p(NaN)<1", "checks{a:b,}"),
    *(
        "http_reqs{a:b",
        "constant-vus",
        "default",
        "\N{FULLWIDTH DIGIT ONE}",
        "1_000",
        "0x10",
        "∞",
        object(),
        b"bytes",
    ),
]
VARIABLES = [
    *(
        "VUS",
        "DURATION",
        "ITERATIONS",
        "STAGES",
        "TAGS",
        "SYSTEM_TAGS",
        "SUMMARY_TREND_STATS",
        "RPS",
    ),
    *("SETUP_TIMEOUT", "EXECUTION_SEGMENT", "NO_SETUP", "DNS", "MIN_ITERATION_DURATION", "BATCH"),
]
FLAGS = [
    *(
        "--vus",
        "--duration",
        "--iterations",
        "--stage",
        "--tag",
        "--system-tags",
        "--max-redirects",
    ),
    *("--summary-trend-stats", "--execution-segment", "--execution-segment-sequence"),
]


def value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.random()
    if kind < 0.55 or depth > 4:
        return chance.choice(SCALARS)
    if kind < 0.75:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(FIELDS): value(chance, depth + 1) for _ in range(chance.randrange(5))}


def scenario(chance: random.Random) -> dict[str, Any]:
    fields = chance.sample(FIELDS, chance.randrange(7))
    return {name: value(chance, 3) for name in fields} | {"executor": chance.choice(EXECUTORS)}


def options(chance: random.Random) -> dict[str, Any]:
    made = {name: value(chance) for name in chance.sample(NAMES, chance.choice([1, 1, 2, 4]))}
    if chance.random() < 0.5:
        names = chance.sample(["a", "b", "", "a b", "\N{PILE OF POO}", "x" * 3000], 2)
        made["scenarios"] = {name: scenario(chance) for name in names}
    if chance.random() < 0.3:
        name = chance.choice(["checks", "iterations{a:b}", "nope", "", "a{", "checks{\0:\0}"])
        made["thresholds"] = {name: value(chance, 2)}
    return made


def script_with(tmp_path: Path, given: object) -> Path:
    script = tmp_path / "script.py"
    literal = "inf, nan, never = float('inf'), float('nan'), object()\n"
    text = re.sub(r"<object object at \w+>", "never", ascii(given))
    # Python refuses to read integers of thousands of digits, but not to compute them.
    text = re.sub(r"\b1(0{400,})\b", lambda found: f"10**{len(found[1])}", text)
    script.write_text(f"{literal}options = {text}\ndef default(): pass\n")
    return script


@pytest.mark.parametrize("seed", range(8))
def test_random_options_are_taken_or_refused_in_a_line(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    codes = set[int]()
    for number in range(60):
        given = options(chance)
        words: list[str] = []
        if chance.random() < 0.3:
            config = tmp_path / "config.json"
            words += ["-c", str(config)]
            config.write_text(json.dumps(options(chance), default=str))
        if chance.random() < 0.3:
            words.append(f"{chance.choice(FLAGS)}={plain(chance)}")
        names = chance.sample(VARIABLES, chance.choice([0, 0, 1, 2]))
        variables = {f"K6_{name}": plain(chance) for name in names}
        done = k6ws("inspect", *words, script_with(tmp_path, given), variables=variables)
        case = f"seed {seed}, case {number}: {given!a:.400} {words} {variables}: {done.err:.400}"
        codes.add(done.code)
        assert done.code in {0, 104, 255}, case
        assert "Traceback" not in done.err, case
        assert "\x1b" not in done.err, case
        assert len(done.err) < 4000, case
        if done.code:
            assert done.out == "", case
        if done.code == 104:
            assert REFUSAL.match(done.err), case
    assert 104 in codes


def plain(chance: random.Random) -> str:
    """What the operating system lets through as an argument or in a variable."""
    short = [one for one in SCALARS if not (isinstance(one, int) and abs(one) > 10**30)]
    text = str(chance.choice(short)).replace("\0", "").replace("\ud800", "")
    return text[:10_000]


DEEP = "a = {}\nfor _ in range(5000): a = {'a': a}\n"
LOOP = "a = {}\na['a'] = a\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "options = {'tags': {'a': '\\ud800'}}",
            "'tags.a' = \"\\ud800\" (from the script options)",
        ),
        ("options = {'tags': {'\\ud800': 'a'}}", "'tags.\N{REPLACEMENT CHARACTER}'"),
        ("options = {'vus': float('nan')}", "'vus' = nan (from the script options): not a finite"),
        ("options = {'vus': 10**5000}", "'vus' = <int> (from the script options): too large"),
        ("options = {'vus': 10**12}", "'vus' = 1000000000000 (from the script options)"),
        ("options = {'scenarios': {'a': {'rate': b''}}}", "'scenarios.a.rate' = <bytes>"),
        ("options = {'tags': {(1, 2): 'a'}}", "'tags.<tuple>"),
        (DEEP + "options = a", "nested too deeply"),
        (LOOP + "options = {'tags': a}", "nested too deeply"),
        ("options = {'thresholds': {'checks': 'a' * 1_000_000}}", "it compares with nothing"),
        ("options = {'scenarios': {'a' * 1_000_000: 1}}", "(from the script options)"),
        ("options = {'a' * 1_000_000: 1, 'vus': 'x'}", "'vus'"),
        ("options = {'duration': '9' * 1_000_000 + 'h'}", "'duration'"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(
    tmp_path: Path, source: str, said: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"{source}\ndef default(): pass\n")
    done = k6ws("inspect", script)
    assert (done.code, done.out) == (104, ""), done.err[:1000]
    assert said in done.err
    assert len(done.err) < 2000
    assert "Traceback" not in done.err
