"""`k6ws report`: a run told again from its snapshots, whole, cut off, or of several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import k6ws as library
from k6ws.errors import OptionsError
from support.command import Done, k6ws

TIMEOUT_S = 60

# Something of everything that a summary can say.
SCRIPT = """
    from k6ws import check, env, execution, group, sleep, ws
    from k6ws.correlate import in_order
    from k6ws.metrics import Counter, Gauge, Rate, Trend

    own, depth, share = Trend("own", is_time=True), Gauge("depth"), Rate("share")
    words = Counter("words")
    options = {
        "scenarios": {
            "talk": {"executor": "shared-iterations", "vus": 3, "iterations": 30, "exec": "talk"},
            "fail": {"executor": "per-vu-iterations", "vus": 1, "iterations": 3, "exec": "fail"},
        },
        "thresholds": {
            "ws_req_duration{name:say}": ["p(95)<5000", "max<0.0001"],
            "own": ["avg<3", "p(99.9)<100"],
            "checks": ["rate>0.99"],
            "ws_req_failed{error:timeout}": ["rate<0.1"],
            "no_such_thing": [{"threshold": "count>1", "allowNoData": True}],
        },
        "summaryTrendStats": ["avg", "med", "p(99.9)", "max", "count"],
    }
    Counter("no_such_thing")


    def talk():
        number = execution.scenario.iteration_in_test
        with ws.open(env["URL"], correlate=in_order()) as session:
            for name in ("say", "sing"):
                session.request(f"{name} {number}", name)
        with_inner = number % 2 == 0
        group("outer", lambda: group("inner", lambda: check(number, {"is even": with_inner})))
        check(number, {"is small": lambda n: n < 20})
        own.add(number / 7, {"kind": "odd" if number % 2 else "even"})
        depth.add(number)
        share.add(number % 3 == 0)
        words.add(2)
        if number == 5:
            execution.mark("half ✓ way")


    def fail():
        ws.connect("ws://127.0.0.1:9/nobody", lambda socket: None)
        raise ValueError("on purpose")
"""
WAITS = """
    from k6ws import check, sleep

    def default():
        for _ in range(600):
            check(1, {"one": True})
            sleep(0.1)
"""


def start(script: Path, url: str, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "k6ws", "run", "-e", f"URL={url}", str(script), *words]
    environment = {**os.environ, "NO_COLOR": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)


def run(script: Path, url: str, *words: str) -> Done:
    process = start(script, url, *words)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Done(process.returncode, out, err)


def exported(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_a_run_is_told_again_byte_for_byte(script: Path, url: str, tmp_path: Path) -> None:
    kept = tmp_path / "run.k6ws"
    files = [tmp_path / name for name in ("run.json", "run.xml", "told.json", "told.xml")]
    export, junit, export_again, junit_again = files
    words = ("--summary-export", str(export), "--junit", str(junit), "-o", f"snapshots={kept}")
    ran = run(script, url, *words)
    assert ran.code == 99, ran.err
    assert "snapshots" in ran.err

    told = k6ws("report", kept, "--summary-export", export_again, "--junit", junit_again)
    assert told.code == 99
    assert told.out == ran.out
    assert export_again.read_text() == export.read_text()
    assert junit_again.read_text() == junit.read_text()
    data = exported(export)
    assert data["run"]["connection_failures"][0]["count"] == 3
    assert [mark["name"] for mark in data["run"]["marks"]] == ["half ✓ way"]
    assert data["run"]["exceptions"][0]["count"] == 3
    assert data["run"]["requests"]["ws_req_duration{name:sing}"]["values"]["count"] == 30
    assert {one["expression"]: one["ok"] for one in data["thresholds"]}["max<0.0001"] is False


@pytest.mark.parametrize("mode", ["full", "disabled"])
def test_a_run_is_told_as_it_was_to_be_shown(
    script: Path, url: str, tmp_path: Path, mode: str
) -> None:
    kept = tmp_path / "run.k6ws"
    words = ("--summary-mode", mode, "-o", f"snapshots={kept}")
    ran = run(script, url, *words)
    told = k6ws("report", kept)
    if mode == "full":
        assert told.out == ran.out
    else:
        assert ran.out == ""
        assert "own" in told.out


def test_wherever_a_file_is_cut_the_rest_is_told_and_the_cut_named(
    script: Path, url: str, tmp_path: Path
) -> None:
    kept, cut = tmp_path / "run.k6ws", tmp_path / "cut.k6ws"
    # Nearly four seconds, so that there are several frames.
    script.write_text(
        script.read_text().replace("    words.add(2)", "    sleep(0.37)\n    words.add(2)")
    )
    ran = run(script, url, "-o", f"snapshots={kept}")
    assert ran.code == 99, ran.err
    whole = kept.read_bytes()
    said: set[str] = set()
    for share in range(20):
        cut.write_bytes(whole[: len(whole) * share // 20])
        told = k6ws("report", cut)
        said.add(told.err.strip().rpartition(": ")[2] if told.out else "nothing")
        if told.out:
            assert f"{cut} ends in the middle: the run was cut off" in told.err
            assert told.code in (99, 255)
        else:
            assert told.code == 255
            assert "it ends before it says anything" in told.err or "no file of snap" in told.err
    assert len(said) > 2


def struck(folder: Path, by: signal.Signals) -> tuple[Done, Path]:
    """A long run that is struck when it has told of itself, and its file."""
    script, kept = folder / "script.py", folder / "run-1.k6ws"
    script.write_text(textwrap.dedent(WAITS))
    process = start(script, "", "-o", f"snapshots={folder}/run-{{instance}}.k6ws")
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if kept.exists() and "checks" in k6ws("report", kept).out:
            break
        time.sleep(0.1)  # the point: another process writes, and nothing says when
    process.send_signal(by)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Done(process.returncode, out, err), kept


def test_a_run_that_was_killed_is_told_as_far_as_it_went(tmp_path: Path) -> None:
    _, kept = struck(tmp_path, signal.SIGKILL)
    export = tmp_path / "told.json"
    told = k6ws("report", kept, "--summary-export", export)
    assert told.code == 255
    assert "checks" in told.out
    ended = datetime.fromisoformat(exported(export)["generated_at"]).timestamp()
    assert 0 <= time.time() - ended < TIMEOUT_S
    assert "has no end: the run was cut off" in told.err or "ends in the middle" in told.err


def test_a_run_that_was_interrupted_has_said_so(tmp_path: Path) -> None:
    ran, kept = struck(tmp_path, signal.SIGINT)
    told = k6ws("report", kept)
    assert (told.code, ran.code) == (105, 105)
    assert (told.out, told.err) == (ran.out, "")


def test_parts_of_a_test_are_added_up_whichever_is_named_first(
    script: Path, url: str, tmp_path: Path
) -> None:
    parts: list[Path] = []
    for part in ("0:1/2", "1/2:1"):
        kept = tmp_path / f"{len(parts)}.k6ws"
        words = ("--execution-segment", part, "--execution-segment-sequence", "0,1/2,1")
        ran = run(script, url, *words, "-o", f"snapshots={kept}")
        assert ran.code == 99, ran.err
        parts.append(kept)
    texts: list[str] = []
    for order in (parts, parts[::-1]):
        export = tmp_path / "merged.json"
        told = k6ws("report", *order, "--summary-export", export)
        assert told.code == 99
        texts.append(told.out)
        data = exported(export)
        assert data["metrics"]["iterations"]["values"]["count"] == 33
        assert data["metrics"]["words"]["values"]["count"] == 60
        # All values are kept: the exact median of 0/7 … 29/7, as one process would have had it.
        assert data["metrics"]["own"]["values"]["count"] == 30
        assert data["metrics"]["own"]["values"]["med"] == pytest.approx(14.5 / 7)
        assert data["metrics"]["own"]["values"]["max"] == 29 / 7
        assert data["root_group"]["checks"][0]["passes"] == 20
        assert data["run"]["exceptions"][0]["count"] == 3
    assert texts[0] == texts[1]


WINDOWS = """
    import os
    import time

    from k6ws.metrics import Counter, Trend

    own, words = Trend("own", is_time=True), Counter("words")
    options = {
        "vus": 1,
        "iterations": 1,
        "thresholds": {
            "own": ["max<50 over 2s", "min>0 over 2s", "p(95)<50 over 2s", "avg<500 over 2s", "avg<60"],
            "words": ["count>15 over 2s", "count>15"],
        },
    }


    def default():
        own.add(float(os.environ["OWN"]))
        words.add(10)
"""


def test_windows_of_several_files_are_judged_as_far_as_they_can_be(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(WINDOWS))
    parts: list[Path] = []
    for value in ("10", "100"):
        kept = tmp_path / f"{value}.k6ws"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OWN", value)
            library.run(script, out=[f"snapshots={kept}"])
        parts.append(kept)
    export, junit, page = (tmp_path / name for name in ("run.json", "run.xml", "page.md"))
    words = ("--summary-export", export, "--junit", junit)
    told = k6ws("report", *parts, *words, variables={"GITHUB_STEP_SUMMARY": str(page)})
    assert told.code == 99
    stands = {
        f"{one['metric']} {one['expression']}": (one["ok"], one["value"], one["undecided"])
        for one in exported(export)["thresholds"]
    }
    assert stands == {
        "own max<50 over 2s": (False, 100, False),
        "own min>0 over 2s": (True, 10, False),
        # Beside the values of the other it may hold.
        "own p(95)<50 over 2s": (False, None, True),
        "own avg<500 over 2s": (True, 100, False),
        "own avg<60": (True, 55, False),
        # Each has counted 10, and both together enough.
        "words count>15 over 2s": (False, None, True),
        "words count>15": (True, 20, False),
    }
    assert [one["no_data"] for one in exported(export)["thresholds"]] == [False] * 7
    said = "not judged: of several files each knows its own windows only"
    for text in (told.out, page.read_text(), junit.read_text()):
        assert text.count(said) >= 2
        assert "no data" not in text
    # One file by itself says how it stood there.
    alone = k6ws("report", parts[0])
    assert "✗ 'count>15 over 2s' count=10" in alone.out
    assert "✓ 'p(95)<50 over 2s' p(95)=10ms" in alone.out


def test_parts_of_two_tests_are_refused(tmp_path: Path) -> None:
    kept: list[str] = []
    for condition in ("rate>0.5", "rate>0.6"):
        path = str(tmp_path / f"{len(kept)}.k6ws")
        library.run(
            lambda: library.check(1, {"one": True}),
            iterations=1,
            thresholds={"checks": [condition]},
            out=[f"snapshots={path}"],
        )
        kept.append(path)
    told = k6ws("report", *kept)
    assert told.code == 255
    assert "it is of another test" in told.err


def test_a_program_keeps_them_as_well(tmp_path: Path) -> None:
    kept = tmp_path / "run.k6ws"
    result = library.run(
        lambda: library.check(1, {"one": True}), iterations=7, out=[f"snapshots={kept}"]
    )
    assert result.passed
    export = tmp_path / "told.json"
    told = k6ws("report", kept, "--summary-export", export)
    assert told.code == 0
    data = exported(export)
    assert data["metrics"] == result.to_dict()["metrics"]
    assert data["run"] == result.to_dict()["run"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no file of snapshots"),
        (b'{"version": "1.0.0"}', "no file of snapshots"),
        (b"\x89k6ws\r\n\x07", "version 7"),
        (b"\x89k6ws\r\n\x01", "it ends before it says anything"),
        (b"\x89k6ws\r\n\x01\x04\x00\x00\x00none", "damaged"),
        (None, "No such file"),
    ],
)
def test_what_is_no_such_file_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "what"
    if content is not None:
        path.write_bytes(content)
    told = k6ws("report", path)
    assert (told.code, told.out) == (255, "")
    assert said in told.err
    assert str(path) in told.err


def test_what_is_damaged_leaves_an_older_report_as_it_is(tmp_path: Path) -> None:
    path, export = tmp_path / "run.k6ws", tmp_path / "told.json"
    library.run(lambda: None, iterations=1, out=[f"snapshots={path}"])
    mark, *frames = frames_of(path)
    # What the script's side says is JSON no longer; every length and checksum is right.
    assert any(b'"view":{' in one for one in frames)
    frames = [one.replace(b'"view":{', b'"view":[') for one in frames]
    path.write_bytes(mark + b"".join(as_frame(one) for one in frames))
    export.write_text("older")
    told = k6ws("report", path, "--summary-export", export)
    assert (told.code, told.out) == (255, "")
    assert "the files are damaged: what the script's side says makes no sense" in told.err
    assert export.read_text() == "older"


def frames_of(path: Path) -> list[bytes]:
    """The mark of a file of snapshots, and what is in each of its frames."""
    mark, rest = path.read_bytes()[:8], path.read_bytes()[8:]
    found = [mark]
    while rest:
        length = int.from_bytes(rest[:4], "little")
        found.append(zlib.decompress(rest[4 : 4 + length]))
        rest = rest[4 + length :]
    return found


def as_frame(said: bytes) -> bytes:
    compressed = zlib.compress(said)
    return len(compressed).to_bytes(4, "little") + compressed


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("snapshots=/nonexistent/run.k6ws", "cannot write the output"),
        ("snapshots", "it goes to a file"),
        ("snapshots=-", "it goes to a file"),
        ("snapshots=run-{worker}.k6ws", "only {instance} may be in braces"),
    ],
)
def test_where_nothing_can_be_kept_nothing_runs(output: str, said: str) -> None:
    with pytest.raises(OptionsError, match=said):
        library.run(lambda: None, iterations=1, out=[output])


def test_what_a_full_disk_does_not_take_is_no_success() -> None:
    result = library.run(lambda: None, iterations=1, out=["snapshots=/dev/full"])
    assert result.exit_code == 255
