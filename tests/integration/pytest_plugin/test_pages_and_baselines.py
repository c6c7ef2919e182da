"""What a session of tests leaves behind: pages of runs, and a file of times to compare with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from k6ws import _page

from .conftest import Tested

TIMES = """
@pytest.mark.parametrize("who", ["a/b", "a-b"])
def test_it(k6ws_run, who):
    k6ws_run(fine)
    k6ws_run(%s)
"""


@pytest.fixture
def _shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = tmp_path / "page.html"
    shell.write_text('<script type="application/json" id="data"></script>')
    monkeypatch.setattr(_page, "PAGE", shell)


@pytest.mark.usefixtures("_shell")
def test_each_run_of_each_test_has_a_page(
    tested: Tested, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tested(TIMES % "slow", "--k6ws-report=out/pages")
    assert told.outcomes == ["test_it[a/b] call passed", "test_it[a-b] call passed"], told.text
    pages = sorted(one.name for one in (pytester.path / "out/pages").iterdir())
    assert len(pages) == 4
    assert all(one.startswith("test_it.py-test_it-a-b-") for one in pages)
    assert sum(one.endswith("-2.html") for one in pages) == 2
    assert "pages of the runs: out/pages" in capsys.readouterr().out
    of_its_own = tested(
        """
def test_it(k6ws_run):
    result = k6ws_run(fine, report="mine.html")
    assert result.report.name == "mine.html"

def test_red(k6ws_run):
    assert k6ws_run(slow, thresholds={"reply": ["max<1"]}).passed
""",
        "--k6ws-report=red",
    )
    assert (pytester.path / "mine.html").exists()
    [page] = (pytester.path / "red").iterdir()
    assert str(page) in of_its_own.text


@pytest.mark.usefixtures("_shell")
def test_a_folder_that_cannot_be_is_refused_at_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): raise SystemError")
    (pytester.path / "file").write_text("")
    done = pytester.runpytest_inprocess("--k6ws-report=file")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--k6ws-report file: File exists*"])


def test_without_the_page_nothing_begins(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_page, "PAGE", pytester.path / "no-page.html")
    pytester.makepyfile("def test_it(): raise SystemError")
    done = pytester.runpytest_inprocess("--k6ws-report=pages")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--k6ws-report needs the page*make page*"])


@pytest.mark.usefixtures("_shell")
def test_names_that_mean_harm_stay_in_the_folder(tested: Tested, pytester: pytest.Pytester) -> None:
    told = tested(
        """
@pytest.mark.parametrize("name", ["../../out", "a" * 5000, "\\x00\\x1b[31m", "ü/ \\N{SNOWMAN}"])
def test_it(k6ws_run, name):
    k6ws_run(fine)
""",
        "--k6ws-report=pages",
    )
    assert [one.rpartition(" ")[2] for one in told.outcomes] == ["passed"] * 4, told.text
    pages = list((pytester.path / "pages").iterdir())
    assert len(pages) == 4
    assert max(len(one.name) for one in pages) < 200


def test_a_baseline_is_written_and_then_compared(
    tested: Tested, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    file = pytester.path / "baseline.json"
    first = tested(TIMES % "fine", "--k6ws-baseline=baseline.json")
    assert first.outcomes == ["test_it[a/b] call passed", "test_it[a-b] call passed"]
    assert f"4 new in the baseline {file}" in capsys.readouterr().out
    written = json.loads(file.read_text())
    assert set(written["tests"]) == {
        f"test_it.py::test_it[{who}]{run}" for who in ("a/b", "a-b") for run in ("", " run 2")
    }
    assert set(written["tests"].values().__iter__().__next__()) == {"reply"}
    same = tested(TIMES % "fine", "--k6ws-baseline=baseline.json")
    assert same.outcomes == first.outcomes
    assert json.loads(file.read_text()) == written
    slower = tested(TIMES % "slow", "--k6ws-baseline=baseline.json")
    assert slower.outcomes == ["test_it[a/b] call failed", "test_it[a-b] call failed"]
    assert (
        "slower than the baseline baseline.json; 25% and 1 ms more are tolerated:\n"
        "  reply med: 20 ms, was 12 ms (+67%)\n"
        "  reply p(95): 172.55 ms, was 12 ms (+1338%)\n"
        "  hint: if this is how it is to be, delete the file, and it is written anew\n"
    ) in slower.text
    tolerated = tested(
        TIMES % "slow", "--k6ws-baseline=baseline.json", "-o", "k6ws_baseline_tolerance=10% 1s"
    )
    assert tolerated.outcomes == first.outcomes
    assert json.loads(file.read_text()) == written


def test_a_new_test_is_added_and_a_failed_one_is_not(
    tested: Tested, pytester: pytest.Pytester, reasons: list[str]
) -> None:
    file = pytester.path / "baseline.json"
    tested(
        """
def test_old(k6ws_run):
    k6ws_run(fine)

def test_failed(k6ws_run):
    k6ws_run(slow, thresholds={"reply": ["max<1"]})
""",
        "--k6ws-baseline=baseline.json",
    )
    before = json.loads(file.read_text())
    assert set(before["tests"]) == {"test_it.py::test_old"}
    more = """
def test_old(k6ws_run):
    k6ws_run(fine)

def test_new(k6ws_run):
    k6ws_run(slow)
"""
    reasons.append("busy")
    told = tested(more, "--k6ws-baseline=baseline.json")
    assert told.outcomes == ["test_old call passed", "test_new call passed"]
    assert json.loads(file.read_text()) == before
    reasons.clear()
    tested(more, "--k6ws-baseline=baseline.json")
    after = json.loads(file.read_text())
    assert set(after["tests"]) == {"test_it.py::test_old", "test_it.py::test_new"}
    gone = tested(
        """
def test_old(k6ws_run):
    k6ws_run(lambda: None)
""",
        "--k6ws-baseline=baseline.json",
    )
    assert "reply med: was 12 ms, and nothing was measured now" in gone.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "that is no baseline of k6ws"),
        ("[]", "that is no baseline of k6ws"),
        ('{"version": 1, "tests": {"a": {"b": {"med": "x"}}}}', "that is no baseline of k6ws"),
        ('{"version": 2, "tests": {}}', "it is of version 2, and this reads 1"),
    ],
)
def test_a_file_that_is_no_baseline_is_left_as_it_is(
    pytester: pytest.Pytester, content: str, said: str
) -> None:
    pytester.makepyfile("def test_it(): raise SystemError")
    file = pytester.path / "baseline.json"
    file.write_text(content)
    done = pytester.runpytest_inprocess("--k6ws-baseline=baseline.json")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"*{said}*"])
    assert file.read_text() == content


@pytest.mark.parametrize("tolerance", ["25", "a lot", "-5% 1ms", "5% fast"])
def test_a_tolerance_that_is_none_is_refused(pytester: pytest.Pytester, tolerance: str) -> None:
    pytester.makepyfile("def test_it(): pass")
    done = pytester.runpytest_inprocess(
        "--k6ws-baseline=b.json", "-o", f"k6ws_baseline_tolerance={tolerance}"
    )
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*is a share and a time, such as '25% 1ms'*"])


def test_a_baseline_that_cannot_be_written_says_so(
    tested: Tested, capsys: pytest.CaptureFixture[str]
) -> None:
    told: Any = tested("def test_it(k6ws_run): k6ws_run(fine)\n", "--k6ws-baseline=no/such/b.json")
    assert told.outcomes == ["test_it call passed"]
    assert "cannot be written: No such file or directory" in capsys.readouterr().out
