"""`--report`: the page of a run has the numbers of its summary, and of any time those of its values."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import k6ws as library
from k6ws import _page
from k6ws.errors import OptionsError
from support.command import Done, k6ws
from support.page_block import decoded, percentile

TIMEOUT_S = 120
SHELL = '<script type="application/json" id="data"></script>'
# A process of its own whose page is the one above: that of `make page` may not be there.
COMMAND = """
import sys
from pathlib import Path
from k6ws import _page
_page.PAGE = Path(sys.argv.pop(1))
from k6ws._cli.main import entry
entry()
"""
SCRIPT = """
    import time

    from k6ws import check, env, execution, group, sleep, ws
    from k6ws.correlate import in_order
    from k6ws.metrics import Counter, Gauge, Rate, Trend

    own, depth, share = Trend("own", is_time=True), Gauge("depth"), Rate("share")
    words, level = Counter("words"), Gauge("level")
    options = {
        "scenarios": {
            "talk": {"executor": "constant-vus", "vus": 2, "duration": "2s", "exec": "talk"},
            "fail": {"executor": "per-vu-iterations", "vus": 1, "iterations": 3, "exec": "fail"},
        },
        "thresholds": {"ws_req_duration{name:say}": ["p(95)<5000", "max<0.0001"]},
        "summaryTrendStats": ["avg", "min", "med", "p(99.9)", "max", "count"],
    }
    API_KEY = "s3cret"


    def talk():
        number = execution.scenario.iteration_in_test
        with ws.open(env["URL"], correlate=in_order()) as session:
            session.request(f"say {number}", "say")
        group("outer", lambda: check(number, {"</script>": True, "<!--": number % 2 == 0}))
        own.add(number / 7 - 3, {"kind": "odd & even" if number % 2 else "\\u2028"})
        depth.add(number)
        share.add(number % 3 == 0)
        words.add(2)
        if number == 0:
            level.add(1, {"of": "first"})
            level.add(2, {"of": "second"})
            # In an interval of its own.
            sleep(0.25)
            level.add(3, {"of": "first"})
        sleep(0.02)


    def fail():
        ws.connect("ws://127.0.0.1:9/nobody", lambda socket: None)
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "page.html"
    path.write_text(SHELL)
    monkeypatch.setattr(_page, "PAGE", path)
    return path


def data_of(report: Path) -> dict[str, Any]:
    text = report.read_text(encoding="utf-8")
    assert text.count("</script>") == 1
    before, after = SHELL.split("></")
    return json.loads(text.removeprefix(before + ">").removesuffix("</" + after))


def run(shell: Path, script: Path, url: str, *words: str) -> Done:
    command = [sys.executable, "-c", COMMAND, str(shell), "run", "-e", f"URL={url}", *words]
    done = subprocess.run(
        [*command, str(script)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_a_page_says_what_the_summary_says_and_what_came_when(
    shell: Path, script: Path, url: str, tmp_path: Path
) -> None:
    report, again, export = (tmp_path / name for name in ("run.html", "told.html", "run.json"))
    kept = tmp_path / "run.k6ws"
    words = ("--report", str(report), "--summary-export", str(export), "-e", "TOKEN=s3cret")
    ran = run(shell, script, url, *words, "-o", f"snapshots={kept}")
    assert ran.code == 99, ran.err
    page, summary = data_of(report), json.loads(export.read_text())
    assert page["state"] == "ended"
    assert page["summary"] == summary
    assert page["scenarios"] == summary["scenarios"]
    # Told again, it is the same page.
    told = k6ws("report", kept, "--report", again)
    assert told.code == 99
    assert data_of(again) == page

    history = decoded(page)
    assert history.interval_ms == 100
    assert len({at for line in history.lines for at in line.cells}) >= 10
    for name, metric in summary["metrics"].items():
        if "{" in name or metric["type"] not in {"trend", "gauge"}:
            continue
        window, values = history.window(name), metric["values"]
        assert window is not None
        if metric["type"] == "gauge":
            assert {figure: window[figure] for figure in values} == values, name
            continue
        assert window["count"] == values["count"]
        assert window["sum"] == pytest.approx(values["avg"] * values["count"], rel=1e-9, abs=1e-9)
        assert (window["min"], window["max"]) == (values["min"], values["max"])
        assert percentile(window, 50) == pytest.approx(values["med"], rel=0.003, abs=1e-9)
    # The latest of a gauge, whichever series has it.
    assert summary["metrics"]["level"]["values"]["value"] == 3
    say = history.window("ws_req_duration", name="say")
    assert say is not None
    assert say["count"] == summary["metrics"]["ws_req_duration{name:say}"]["values"]["count"]
    words_said = history.window("words")
    assert words_said is not None
    assert words_said["sum"] == summary["metrics"]["words"]["values"]["count"]
    # Windows of the two halves are the whole.
    middle = history.count // 2
    halves = [history.window("own", 0, middle), history.window("own", middle)]
    counts = [half["count"] for half in halves if half is not None]
    assert sum(counts) == summary["metrics"]["own"]["values"]["count"]

    refused = [one for one in page["happened"] if one["kind"] == "refusal"]
    assert sum(count for _, count in refused[0]["counts"]) == 3
    assert refused[0]["cause"] == "connect_refused"
    stage = next(one for one in page["stages"] if one["scenario"] == "talk")
    assert stage["to_ms"] - stage["from_ms"] == pytest.approx(2000)
    assert page["began"] < page["clock_started"] < page["until"]


def test_no_secret_is_in_it(shell: Path, script: Path, url: str, tmp_path: Path) -> None:
    report = tmp_path / "run.html"
    words = ("--report", str(report), "-e", "TOKEN=s3cret", "-e", "ROOM=blue")
    run(shell, script, url, *words)
    assert "s3cret" not in report.read_text()
    about = data_of(report)["about"]
    assert about["script"] == str(script)
    assert about["environment"]["TOKEN"] == "***"
    assert about["environment"]["ROOM"] == "blue"
    assert 'API_KEY = "***"' in about["source"]
    assert "def talk():" in about["source"]
    assert about["options"]["summaryTrendStats"][0] == "avg"
    assert about["options"]["scenarios"]["talk"]["vus"] == 2
    assert {"python", "k6ws", "platform", "cpus", "command line"} == about["machine"].keys()


def test_a_program_has_its_page(shell: Path, tmp_path: Path) -> None:
    del shell
    report = tmp_path / "run.html"
    result = library.run(lambda: library.check(1, {"one": True}), iterations=5, report=report)
    page = data_of(report)
    assert page["summary"]["metrics"] == result.to_dict()["metrics"]
    assert page["summary"]["run"] == result.to_dict()["run"]
    lost = library.run(lambda: None, iterations=1, report="/dev/full")
    assert lost.exit_code == 255


def test_a_file_that_was_cut_has_a_page_that_says_so(
    shell: Path, script: Path, url: str, tmp_path: Path
) -> None:
    kept, report = tmp_path / "run.k6ws", tmp_path / "run.html"
    run(shell, script, url, "-o", f"snapshots={kept}")
    kept.write_bytes(kept.read_bytes()[:-5])
    told = k6ws("report", kept, "--report", report)
    page = data_of(report)
    assert page["state"] == "cut"
    assert [trouble in told.err for trouble in page["troubles"]] == [True]


def test_what_cannot_be_is_refused_before_anything_runs(shell: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("def default():\n    raise SystemError('it ran')\n")
    one = str(tmp_path / "one")
    for words, said in [
        (("--report", "-"), "is no file"),
        (("--report", one, "--junit", one), "--junit and --report name one file"),
        (("--summary-export", one, "--report", f"{tmp_path}/./one"), "name one file"),
        (("--report", "/nonexistent/run.html"), "cannot write --report"),
    ]:
        done = k6ws("run", *words, script)
        assert done.code == 104, done.err
        assert said in done.err
    shell.unlink()
    for done in (k6ws("run", "--report", one, script), k6ws("report", "--report", one, script)):
        assert done.code == 104
        assert "make page" in done.err
    with pytest.raises(OptionsError, match="report needs the page"):
        library.run(lambda: None, iterations=1, report=one)


def test_a_full_disk_at_the_end_costs_the_page_alone(shell: Path, tmp_path: Path) -> None:
    script, export = tmp_path / "script.py", tmp_path / "run.json"
    script.write_text("def default():\n    pass\n")
    done = run(shell, script, "", "--report", "/dev/full", "--summary-export", str(export))
    assert done.code == 255
    assert "could not be written: --report" in done.err
    assert json.loads(export.read_text())["metrics"]["iterations"]["values"]["count"] == 1
    assert "iterations" in done.out


STUBBORN = """
options = {"scenarios": {"a": {"executor": "constant-vus", "duration": "1s", "gracefulStop": "0s"}}}
def default():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""


@pytest.mark.parametrize(
    ("code", "source", "words"),
    [
        (255, "def default(): pass", ("--junit", "/dev/full")),
        (255, "def default(): pass\ndef handle_summary(data): return {'/nonexistent/a': 'b'}", ()),
        (255, "def default(): pass\ndef handle_summary(data): return 7", ()),
        (255, "def default(): pass", ("--out", "json=/dev/full")),
        (113, "def default(): raise ValueError", ("--strict", "--junit", "/dev/full")),
        (112, "def default(): pass", ("--fail-on-untrustworthy", "--out", "json=/dev/full")),
        (109, STUBBORN, ()),
    ],
)
def test_the_files_say_with_what_the_process_ends(
    shell: Path, tmp_path: Path, code: int, source: str, words: tuple[str, ...]
) -> None:
    script, report, export = (tmp_path / name for name in ("s.py", "run.html", "run.json"))
    script.write_text(source)
    files = ("--report", str(report), "--summary-export", str(export))
    done = run(shell, script, "", *files, *words)
    assert done.code == code, done.err
    summary = data_of(report)["summary"]
    assert summary == json.loads(export.read_text())
    assert (summary["exit_code"], summary["run"]["exit_code"]) == (code, code)
    assert summary["passed"] is False
    assert done.out.splitlines()[-1].startswith("FAILED ")


def test_a_program_s_page_says_that_something_was_not_written(shell: Path, tmp_path: Path) -> None:
    del shell
    script, report = tmp_path / "s.py", tmp_path / "run.html"
    script.write_text(
        "def default(): pass\ndef handle_summary(data): return {'/nonexistent/a': 'b'}"
    )
    result = library.run(script, report=report)
    assert result.exit_code == data_of(report)["summary"]["exit_code"] == 255


def test_a_pipe_is_given_a_document_once(shell: Path, tmp_path: Path) -> None:
    script = tmp_path / "s.py"
    script.write_text("def default(): pass")
    words = ("--summary-export", "/dev/stdout", "--junit", "/dev/full")
    done = run(shell, script, "", *words, "--quiet")
    assert done.code == 255
    assert done.out.count('"generated_at"') == 1


SECRET = """
token = "s3cret"
def login(password): raise ValueError("it was refused")
def default():
    login(password="s3cret")
"""


def test_a_traceback_has_lines_of_the_script_without_secrets(shell: Path, tmp_path: Path) -> None:
    script, report, export = (tmp_path / name for name in ("s.py", "run.html", "run.json"))
    kept = tmp_path / "run.k6ws"
    script.write_text(SECRET)
    files = ("--report", str(report), "--summary-export", str(export), "-o", f"snapshots={kept}")
    done = run(shell, script, "", *files)
    [one] = json.loads(export.read_text())["run"]["exceptions"]
    assert 'login(password="***")' in one["trace"]
    assert one["trace"].endswith("ValueError: it was refused")
    assert one["trace"] in data_of(report)["summary"]["run"]["exceptions"][0]["trace"]
    # Who runs it sees the line as it is.
    assert 'login(password="s3cret")' in done.err
    for text in (report.read_text(), export.read_text(), done.out):
        assert "s3cret" not in text
    again = tmp_path / "again.json"
    k6ws("report", kept, "--summary-export", again)
    assert json.loads(again.read_text())["run"]["exceptions"] == [one]
    result = library.run(script)
    assert "s3cret" not in result.exceptions[0].trace
    assert "s3cret" not in json.dumps(result.to_dict())
