"""The JSON Schema in the package describes what runs come to, and nothing else passes for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest

import k6ws
from k6ws import _core, check, execution, group, metrics, sleep, ws
from k6ws.correlate import in_order
from support.untyped import jsonschema

CONTINUOUS: dict[str, Any] = {"vus": 2, "iterations": 4}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found = json.loads(files("k6ws").joinpath("summary.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return found


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = _core.EchoServer("127.0.0.1", 0)
    yield server.url()
    server.stop()


def nothing(_url: str) -> k6ws.Result:
    return k6ws.run(lambda: None)


def checks_and_groups(_url: str) -> k6ws.Result:
    def default() -> None:
        group("outer", lambda: group("inner ✓", lambda: check(1, {"fine": True, "not": False})))
        execution.mark("here")

    return k6ws.run(default, **CONTINUOUS, thresholds={"checks": ["rate>0.9"], "checks{a:b}": []})


def own_metrics(_url: str) -> k6ws.Result:
    own = [
        metrics.Trend("time", is_time=True),
        metrics.Trend("plain"),
        metrics.Gauge("level"),
        metrics.Rate("share"),
        metrics.Counter("count_of"),
    ]

    def default() -> None:
        for number, one in enumerate(own):
            one.add(number / 3, {"tag": f"{number}"})

    thresholds: dict[str, list[str | k6ws.Threshold]] = {
        "time": ["p(99.9)<1", "avg===5", "max<1e400"],
        "level": ["value!=2"],
        "share": [{"threshold": "rate>0", "abortOnFail": False}],
        "count_of{tag:4}": ["count>=0", "rate<5 over 10s"],
        "ws_ping": [{"threshold": "max<1", "allowNoData": True}],
    }
    stats = ["p(99.9)", "count", "med"]
    return k6ws.run(
        default,
        **CONTINUOUS,
        thresholds=thresholds,
        summary_trend_stats=stats,
        summary_time_unit="us",
    )


def requests_by_name(url: str) -> k6ws.Result:
    def default() -> None:
        with ws.open(url, correlate=in_order()) as session:
            session.request("a", "first")
            session.request("b", "second")

    return k6ws.run(default, **CONTINUOUS)


def failures(url: str) -> k6ws.Result:
    def default() -> None:
        ws.connect("ws://127.0.0.1:9/", lambda socket: None)
        ws.connect(f"{url}status/403", lambda socket: None)
        ws.connect(f"{url}close/4001", lambda socket: None)
        ws.connect(
            url, lambda socket: socket.on("open", lambda: socket.send("x" * 99)), max_message_size=9
        )
        raise ValueError("on purpose")

    return k6ws.run(default, **CONTINUOUS)


def cut(_url: str) -> k6ws.Result:
    scenarios: dict[str, k6ws.Scenario] = {
        "a": {"executor": "constant-vus", "duration": "1s", "gracefulStop": "0s"},
        "b": {
            "executor": "ramping-arrival-rate",
            "startRate": 50,
            "preAllocatedVUs": 1,
            "stages": [{"duration": "1s", "target": 90}],
            "gracefulStop": "0s",
        },
    }
    return k6ws.run(lambda: sleep(9), scenarios=scenarios)


def aborted(_url: str) -> k6ws.Result:
    return k6ws.run(lambda: execution.test.abort("enough"))


RUNS: list[Callable[[str], k6ws.Result]] = [
    *(nothing, checks_and_groups, own_metrics, requests_by_name, failures, cut, aborted)
]


@pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)
def test_every_document_is_as_the_schema_says(
    make: Callable[[str], k6ws.Result], url: str, validator: Any
) -> None:
    document = json.loads(json.dumps(make(url).to_dict(), allow_nan=False))
    assert [error.message for error in validator.iter_errors(document)] == []
    assert datetime.fromisoformat(document["generated_at"]).tzinfo is not None


@pytest.fixture(scope="module")
def document(url: str) -> dict[str, Any]:
    return json.loads(json.dumps(checks_and_groups(url).to_dict()))


def broken(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with something else at a path, or without it."""
    other = copy.deepcopy(document)
    *way, last = path.split("/")
    place: Any = other
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return other


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "1.0.0"),
        ("version", None),
        ("surprise", 1),
        ("generated_at", 5),
        ("exit_code", "0"),
        ("exit_code", 256),
        ("scenarios/0/executor", "no-such-executor"),
        ("scenarios/0/dropped", None),
        ("thresholds/0/limit", "0.9"),
        ("thresholds/0/surprise", 1),
        ("thresholds/0/no_data", None),
        ("metrics/checks/type", "trend of sorts"),
        ("metrics/checks/values/passes", None),
        ("metrics/checks/values/surprise", 1),
        ("metrics/checks/thresholds/rate>0.9/margin", None),
        ("root_group/groups/0/checks", None),
        ("run/trustworthy", None),
        ("run/marks/0/time", None),
        ("state/testRunDurationMs", -1),
    ],
)
def test_what_is_none_is_refused(
    path: str, value: Any, document: dict[str, Any], validator: Any
) -> None:
    assert validator.is_valid(document)
    assert not validator.is_valid(broken(document, path, value))


def test_every_field_of_documents_is_described(schema: dict[str, Any], url: str) -> None:
    """A field that nobody has described is one that nobody can rely on."""
    seen = {key for make in RUNS for key in make(url).to_dict()["run"]}
    assert seen == set(schema["$defs"]["run"]["properties"])
