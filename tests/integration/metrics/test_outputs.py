"""`--out` and `out=`: every sample, in k6's schemas, beside a run that never waits for them."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
import sys
import textwrap
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import check, sleep, ws
from k6ws.errors import K6Error, OptionsError
from k6ws.metrics import Trend
from support.servers import WebsocketsServer

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?([+-]\d\d:\d\d|Z)$")


def lines(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return [json.loads(line) for line in text.splitlines()]


def points(path: Path) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines(path):
        if line["type"] == "Point":
            found[line["metric"]].append(line["data"])
    return found


def echo_once(server: WebsocketsServer, trend: Trend) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x"))
        socket.on("message", lambda: socket.close())

    response = ws.connect(server.url("/ws-echo"), session)
    check(response, {"status is 101": lambda r: r.status == 101})
    trend.add(1.25, {"kind": "a"})
    # A sample of `vus` comes each second.
    sleep(0.05)


@pytest.mark.parametrize("name", ["samples.json", "samples.json.gz"])
def test_json_has_every_sample_that_the_summary_counts(
    server: WebsocketsServer, tmp_path: Path, name: str
) -> None:
    trend = Trend("own_trend", is_time=True)
    path = tmp_path / name
    result = k6ws.run(
        lambda: echo_once(server, trend),
        iterations=20,
        vus=2,
        out=[f"json={path}"],
        tags={"run": "r"},
        thresholds={"own_trend": ["max<5"], "own_trend{kind:a}": ["max<5"]},
        summaryTrendStats=["avg", "min", "max", "count"],
    )
    assert (result.exit_code, result.to_dict()["run"]["samples_lost"]) == (0, 0)
    samples = points(path)
    whole = {name for name in result.metrics if "{" not in name}
    assert set(samples) == whole
    for metric_name in whole:
        metric = result.metrics[metric_name]
        values = [one["value"] for one in samples[metric_name]]
        match metric.kind:
            case "counter":
                assert sum(values) == pytest.approx(metric.count), metric_name
            case "rate":
                assert (len(values), sum(map(bool, values))) == (
                    metric.passes + metric.fails,
                    metric.passes,
                )
            case "trend":
                assert len(values) == metric.count, metric_name
                assert (min(values), max(values)) == (metric.min, metric.max), metric_name
            case _:
                assert (min(values), max(values)) == (metric.min, metric.max), metric_name
    for one in samples["own_trend"]:
        assert one["tags"] == {"run": "r", "scenario": "default", "group": "", "kind": "a"}
        assert TIME.match(one["time"]), one["time"]
        assert set(one) == {"time", "value", "tags"}


def test_a_metric_is_defined_before_its_first_sample(tmp_path: Path) -> None:
    path = tmp_path / "samples.json"
    limits: dict[str, list[str | k6ws.Threshold]] = {
        "iterations": ["count>0", {"threshold": "rate>0", "abortOnFail": True}]
    }
    k6ws.run(lambda: None, iterations=3, out=f"json={path}", thresholds=limits)
    defined: set[str] = set()
    for line in lines(path):
        if line["type"] == "Metric":
            defined.add(line["metric"])
        else:
            assert line["metric"] in defined
    [definition] = [
        one for one in lines(path) if one["metric"] == "iterations" and "name" in one["data"]
    ]
    assert definition["data"] == {
        "name": "iterations",
        "type": "counter",
        "contains": "default",
        "thresholds": [
            "count>0",
            {"threshold": "rate>0", "abortOnFail": True, "delayAbortEval": None},
        ],
        "submetrics": None,
    }


HEADER = (
    "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,"
    "proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata"
)


def test_csv_has_k6s_columns(server: WebsocketsServer, tmp_path: Path) -> None:
    trend = Trend("own_trend")
    path = tmp_path / "samples.csv"
    k6ws.run(lambda: echo_once(server, trend), iterations=3, out=[f"csv={path}"])
    text = path.read_text()
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(text.splitlines()))
    own = [row for row in rows if row["metric_name"] == "own_trend"]
    assert [(row["metric_value"], row["extra_tags"]) for row in own] == [("1.250000", "kind=a")] * 3
    assert {row["scenario"] for row in own} == {"default"}
    assert all(row["timestamp"].isdigit() and len(row["timestamp"]) == 10 for row in rows)
    sessions = [row for row in rows if row["metric_name"] == "ws_sessions"]
    assert [(row["url"], row["status"]) for row in sessions] == [
        (server.url("/ws-echo"), "101")
    ] * 3


@pytest.mark.parametrize(
    ("form", "matches"),
    [
        ("unix_milli", r"^\d{13}$"),
        ("unix_micro", r"^\d{16}$"),
        ("unix_nano", r"^\d{19}$"),
        ("rfc3339", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"),
        ("rfc3339_nano", TIME.pattern),
    ],
)
def test_csv_times_have_the_form_asked_for(tmp_path: Path, form: str, matches: str) -> None:
    path = tmp_path / "samples.csv"
    k6ws.run(lambda: None, out=[f"csv=fileName={path},timeFormat={form}"])
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows
    for row in rows:
        assert re.match(matches, row["timestamp"]), row


def test_samples_are_dated_when_they_happened(server: WebsocketsServer, tmp_path: Path) -> None:
    trend = Trend("own_trend")
    path = tmp_path / "samples.json"
    before = datetime.now(UTC)
    k6ws.run(lambda: echo_once(server, trend), iterations=2, out=[f"json={path}"])
    after = datetime.now(UTC)
    samples = points(path)
    times = {
        name: [datetime.fromisoformat(one["time"]) for one in all_of]
        for name, all_of in samples.items()
    }
    assert all(before <= time <= after for all_of in times.values() for time in all_of)
    for opened, message, closed in zip(
        times["ws_sessions"], times["ws_msgs_received"], times["ws_session_duration"], strict=True
    ):
        assert opened < message < closed
    # `echo_once` waits 50 ms behind each session.
    assert (times["ws_sessions"][1] - times["ws_session_duration"][0]).total_seconds() >= 0.05


def test_attempts_that_were_never_dialled_have_samples_too(tmp_path: Path) -> None:
    path = tmp_path / "samples.json"
    result = k6ws.run(lambda: ws.connect("nonsense", lambda _socket: None), out=[f"json={path}"])
    samples = points(path)
    assert [one["value"] for one in samples["ws_sessions"]] == [1]
    assert len(samples["ws_connecting"]) == len(samples["ws_session_duration"]) == 1
    assert result.metrics["ws_sessions"].count == 1


def test_two_outputs_at_once(tmp_path: Path) -> None:
    outputs = [f"json={tmp_path / 'a.json'}", f"csv={tmp_path / 'b.csv.gz'}"]
    k6ws.run(lambda: None, iterations=5, out=outputs)
    assert sum(one["value"] for one in points(tmp_path / "a.json")["iterations"]) == 5
    text = gzip.decompress((tmp_path / "b.csv.gz").read_bytes()).decode()
    assert text.count("\niterations,") == 5


# Failures ---------------------------------------------------------------------------------------------


def test_an_unknown_output_is_named_with_those_there_are() -> None:
    with pytest.raises(K6Error, match="there are csv, json and snapshots"):
        k6ws.run(lambda: None, out=["jsn=x"])


@pytest.mark.parametrize("out", [7, [7], {"json": "x"}])
def test_an_output_is_a_text(out: Any) -> None:
    with pytest.raises(OptionsError, match="invalid option 'out'"):
        k6ws.run(lambda: None, out=out)


def test_a_place_that_cannot_be_written_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    ran: list[int] = []
    for target in (tmp_path / "no" / "such" / "folder.json", tmp_path):
        with pytest.raises(OptionsError, match="cannot write the output"):
            k6ws.run(lambda: ran.append(1), out=[f"json={target}"])
    assert ran == []


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "k6ws", "run", *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=40, check=False, env=env)


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "script.py"
    path.write_text("from k6ws import check\ndef default(): check(1, {'one': 1})\n")
    return str(path)


def test_a_full_disk_is_said_once_counted_and_not_a_success(script: str) -> None:
    done = run(script, "-i", "50", "--out", "json=/dev/full")
    assert done.returncode == 255, done.stderr
    assert done.stderr.count("No space left on device") == 1
    assert "samples_lost" in done.stdout
    assert "iterations" in done.stdout


def test_a_reader_that_never_comes_delays_nobody_and_is_given_up(
    tmp_path: Path, script: str
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    done = run(script, "-i", "50", "--out", f"json={fifo}")
    assert done.returncode == 255, done.stderr
    assert "samples_lost" in done.stdout


def test_a_named_pipe_with_a_reader_gets_everything(tmp_path: Path, script: str) -> None:
    fifo, copy = tmp_path / "fifo", tmp_path / "copy.json"
    os.mkfifo(fifo)
    with copy.open("w") as file, subprocess.Popen(["cat", fifo], stdout=file):
        done = run(script, "-q", "-i", "5000", "--out", f"json={fifo}")
    assert done.returncode == 0, done.stderr
    assert len(points(copy)["iterations"]) == 5000


def test_a_reader_that_leaves_is_no_traceback_and_no_success(script: str) -> None:
    command = [sys.executable, "-m", "k6ws", "run", "-q", script, "-i", "5000", "-o", "json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith('{"type":"Metric"')
        process.stdout.close()
        complaints = process.stderr.read()
        assert process.wait(30) == 255
    assert complaints.count("\n") == 1
    assert "Broken pipe" in complaints


FILLS_UP = """
    import resource
    from k6ws import sleep
    from k6ws.metrics import Counter

    full = Counter("written_to_a_full_disk")
    later = Counter("written_later")
    NO_LIMIT = resource.getrlimit(resource.RLIMIT_FSIZE)

    def default():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, NO_LIMIT[1]))
        for _ in range(4_000):
            full.add(1)
        # Longer than an output keeps what it has.
        sleep(0.6)
        resource.setrlimit(resource.RLIMIT_FSIZE, NO_LIMIT)
        for _ in range(1_000):
            later.add(1)
"""


def test_a_disk_that_fills_up_and_gets_room_again_leaves_whole_lines(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write in the same way."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(FILLS_UP))
    names = ("a.json", "fifo", "copy.csv", "summary.json")
    path, fifo, copy, summary = (tmp_path / name for name in names)
    os.mkfifo(fifo)
    outputs = ("-o", f"json={path}", "-o", f"csv={fifo}")
    with copy.open("w") as file, subprocess.Popen(["cat", fifo], stdout=file):
        done = run(str(script), "-q", *outputs, "--summary-export", str(summary))
    rows = list(csv.DictReader(copy.read_text().splitlines()))
    assert done.returncode == 255, done.stderr
    assert done.stderr.count("File too large") == 1
    lost = json.loads(summary.read_text())["run"]["samples_lost"]

    definitions = [line["metric"] for line in lines(path) if line["type"] == "Metric"]
    assert len(definitions) == len(set(definitions))
    samples = points(path)
    assert set(samples) <= set(definitions)
    assert 0 < len(samples["written_to_a_full_disk"]) < 4_000
    assert len(samples["written_later"]) == 1_000
    assert sum(map(len, samples.values())) + lost == len(rows), "the other output has everything"


def test_standard_output_and_the_environment(script: str) -> None:
    done = run(script, "-q", "--out", "json=-")
    assert done.returncode == 0, done.stderr
    assert '{"type":"Metric"' in done.stdout
    done = run(script, K6_OUT="csv=-", NO_COLOR="1")
    assert (done.returncode, HEADER in done.stdout) == (0, True), done.stderr
    assert "output: csv" in done.stderr


def test_the_nearer_word_wins(script: str) -> None:
    done = run(script, K6WS_OUT="json", K6_OUT="csv=-")
    assert ("output: json (stdout)" in done.stderr, HEADER in done.stdout) == (True, False)
    done = run(script, "-o", "csv=-", K6WS_OUT="json", K6WS_CSV_TIME_FORMAT="rfc3339")
    assert "output: csv (stdout)" in done.stderr
    assert re.search(r"^iterations,\d{4}-\d\d-\d\dT[\d:]{8}Z,1.000000,", done.stdout, re.MULTILINE)


def test_setup_and_teardown_have_their_samples(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import check\n"
        "def default(): pass\n"
        "def setup(): check(1, {'ready': 1})\n"
        "def teardown(): check(1, {'clean': 1})\n"
    )
    path = tmp_path / "samples.json"
    done = run(str(script), "-q", "-o", f"json={path}")
    assert done.returncode == 0, done.stderr
    tags = [one["tags"] for one in points(path)["checks"]]
    assert [(one["check"], one["group"]) for one in tags] == [
        ("ready", "::setup"),
        ("clean", "::teardown"),
    ]


def test_a_wrong_output_has_k6s_exit_code(script: str) -> None:
    assert run(script, "--out", "influx=x").returncode == 255
