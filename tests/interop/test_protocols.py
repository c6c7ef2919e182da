"""The scripts of `examples/protocols`, as they are, against servers that nobody here wrote.

What the server has counted is what k6ws says that it did. And where a server is killed in the middle of it,
every request that was made has been answered, or has failed with `closed` as the cause.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import time
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from interop import daemons, services
from interop.programs import ROOT
from interop.services import Counts, Service, Start, stand_in, until

if TYPE_CHECKING:
    from support.certificates import Authority

PROTOCOLS = ROOT / "examples" / "protocols"
PATIENCE_S = 60
# RabbitMQ and Jupyter take their time to start.
pytestmark = pytest.mark.timeout(240)


class Numbers(NamedTuple):
    """What a run says of its requests."""

    made: Counter[str]
    """By their names."""
    answered: int
    failed: Counter[str]
    """By their causes."""
    others: Counter[str]
    """Sums of other metrics."""


class Case(NamedTuple):
    """A script, its server, and what that has to have counted."""

    script: str
    start: Start
    counted: dict[str, list[str]]
    """Each count of the server: the sum of requests by name, or of metrics."""

    def expected(self, run: Numbers) -> Counts:
        """What the server has to have counted in a run."""
        known = run.made + run.others
        return {count: sum(known[one] for one in names) for count, names in self.counted.items()}


OF_MQTT = {"connects": ["CONNECT"], "published": ["PUBLISH"], "delivered": ["PUBLISH"]}
OF_POSTGRESQL = {"encrypted": ["log in"], "authenticated": ["log in"], "queries": ["query"]}
# Each request is a message to the service and one back: both are received, and delivered.
OF_NATS = {"in_msgs": ["ask", "ask"], "out_msgs": ["ask", "ask"]}
CASES = {
    "socketio": Case(
        "socketio",
        services.socketio,
        {"connections": ["namespace"], "join": ["join"], "say": ["say"]},
    ),
    "graphql": Case(
        "graphql",
        services.graphql,
        {"connections": ["init"], "hello": ["hello"], "greetings": ["greetings"]},
    ),
    "stomp": Case(
        "stomp",
        daemons.rabbitmq,
        {"published": ["SEND"], "confirmed": ["SEND"], "acknowledged": ["ws_auto_replies"]},
    ),
    "mqtt-tcp": Case("mqtt", daemons.mqtt_tcp, OF_MQTT),
    "mqtt-ws": Case("mqtt", daemons.mqtt_ws, OF_MQTT),
    "ocpp": Case(
        "ocpp",
        services.ocpp,
        {
            "boots": ["BootNotification"],
            "beats": ["Heartbeat"],
            "values": ["MeterValues"],
            "cleared": ["ws_auto_replies"],
        },
    ),
    "nats-tcp": Case("nats", daemons.nats_tcp, OF_NATS),
    "nats-ws": Case("nats", daemons.nats_ws, OF_NATS),
    "redis": Case(
        "redis",
        daemons.redis,
        {"incr": ["INCR"], "get": ["GET"], "del": ["DEL"], "quit": ["QUIT"]},
    ),
    "postgresql": Case("postgresql", daemons.postgresql, OF_POSTGRESQL),
    "smtp": Case("smtp", services.smtp, {"greeted": ["greeting"], "mails": ["end of DATA"]}),
    "jupyter": Case("jupyter", daemons.jupyter, {"channels": ["ws_sessions"]}),
    "jsonrpc": Case(
        "jsonrpc",
        services.jsonrpc,
        {"connections": ["ws_sessions"], "calls": ["add", "add, many"]},
    ),
}
# Where the servers cannot be had, each script still speaks with something. Models cannot be installed at all.
ADDRESSES: dict[str, tuple[str, dict[str, list[str]]]] = {
    "socketio": ("ws://127.0.0.1:{}", CASES["socketio"].counted),
    "graphql": ("ws://127.0.0.1:{}/graphql", CASES["graphql"].counted),
    "stomp": ("ws://127.0.0.1:{}/ws", {"published": ["SEND"], "acknowledged": ["ws_auto_replies"]}),
    "mqtt": ("ws://127.0.0.1:{}/mqtt", OF_MQTT),
    "nats": ("tcp://127.0.0.1:{}", OF_NATS),
    "redis": ("", CASES["redis"].counted),
    "postgresql": ("", {"log-ins": ["log in"], "queries": ["query"]}),
    "jupyter": ("http://127.0.0.1:{}", CASES["jupyter"].counted),
}
TOKENS = {"connections": ["ws_sessions"], "answers": ["answer"], "tokens": ["answer"] * 20}
STAND_INS = {
    "token_stream": Case("token_stream", stand_in("token_stream", "ws://127.0.0.1:{}/"), TOKENS),
    **{
        f"{name}-stand-in": Case(name, stand_in(name, address), counted)
        for name, (address, counted) in ADDRESSES.items()
    },
}


@pytest.fixture(params=CASES | STAND_INS)
def spoken(
    request: pytest.FixtureRequest, tmp_path: Path, authority: Authority
) -> Iterator[tuple[Case, Service]]:
    """A script, and its server, which runs."""
    case = (CASES | STAND_INS)[request.param]
    with case.start(tmp_path, authority) as service:
        yield case, service


def started(script: str, service: Service, folder: Path, *flags: str) -> subprocess.Popen[str]:
    """Run a script of `examples/protocols` as a user would, with its samples in a file."""
    given = [
        word for name, value in service.variables.items() for word in ("-e", f"{name}={value}")
    ]
    output = ["--out", f"json={folder / 'samples.json'}"]
    path = str(PROTOCOLS / f"{script}.py")
    return subprocess.Popen(
        [sys.executable, "-m", "k6ws", "run", "--quiet", *flags, *output, *given, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "K6WS_NO_COLOR": "true"},
    )


def numbers(folder: Path) -> Numbers:
    """What the samples add up to so far."""
    run = Numbers(Counter(), 0, Counter(), Counter())
    answered = 0
    path = folder / "samples.json"
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            sample: dict[str, Any] = json.loads(line)
        except ValueError:
            continue  # it is being written
        if sample["type"] != "Point":
            continue
        metric, data = sample["metric"], sample["data"]
        name = metric.removeprefix("tcp_").removeprefix("ws_")
        if name == "reqs":
            run.made[data["tags"]["name"]] += int(data["value"])
        elif name == "req_duration":
            answered += 1
        elif name == "req_failed" and data["value"]:
            run.failed[data["tags"]["error"]] += 1
        elif data["value"] == int(data["value"]):
            run.others[metric] += int(data["value"])
    return run._replace(answered=answered)


def is_only_slow(said: str) -> bool:
    """Whether the thresholds that do not hold are those of times: that may be the machine."""
    crossed = re.findall(r"thresholds on metrics '([^']+)' have been crossed", said)
    names = [name for one in crossed for name in one.split(", ")]
    return bool(names) and all(re.search("_(duration|gap|stall)", name) for name in names)


def test_a_script_runs_and_its_server_has_counted_the_same(
    spoken: tuple[Case, Service], tmp_path: Path
) -> None:
    case, service = spoken
    running = started(case.script, service, tmp_path)
    said, _ = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0 or is_only_slow(said), said
    run = numbers(tmp_path)
    assert run.failed == {}, said
    assert run.answered == run.made.total() > 0
    expected = case.expected(run)
    assert all(expected.values()), expected
    found = until(service.counts, expected)
    assert {name: found.get(name) for name in expected} == expected, said


def test_of_a_server_that_is_killed_every_request_has_an_outcome(
    spoken: tuple[Case, Service], tmp_path: Path
) -> None:
    case, service = spoken
    flags = ["--vus", "3", "--iterations", "3", "-e", "ROUNDS=1000000"]
    running = started(case.script, service, tmp_path, *flags)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while numbers(tmp_path).made.total() < 100:
            assert running.poll() is None, running.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        service.kill()
        said, _ = running.communicate(timeout=PATIENCE_S)
    finally:
        running.kill()
    run = numbers(tmp_path)
    assert run.made.total() == run.answered + run.failed.total(), said
    assert set(run.failed) == {"closed"}, said
    assert run.failed.total() >= 3, said


SCRIPTS = sorted(PROTOCOLS.glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_and_says_what_it_is(script: Path) -> None:
    source = script.read_text()
    tree = ast.parse(source)
    documented = [tree, *(one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))]
    prose = {
        line
        for one in documented
        if ast.get_docstring(one)
        for line in range(one.body[0].lineno, (one.body[0].end_lineno or 0) + 1)
    }
    nothing = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in nothing | {tokenize.ENDMARKER}
        for line in range(token.start[0], token.end[0] + 1)
    }
    assert len(code - prose) <= 45
    assert ast.get_docstring(tree)
    assert '"thresholds"' in source
    assert all(one.returns is not None for one in documented if isinstance(one, ast.FunctionDef))


def test_every_script_is_run() -> None:
    assert {one.script for one in (CASES | STAND_INS).values()} == {one.stem for one in SCRIPTS}
    assert len(SCRIPTS) == 12
