"""Numbers that may not be the target's: an error where a time was judged, else a line in the summary."""

from __future__ import annotations

import pytest

from .conftest import Tested

WHY = "5 of 100 events came late; use less load"
ABOUT_TIME = """
def test_it(k6ws_run):
    k6ws_run(fine, thresholds={"reply": ["max<100"]})
"""


@pytest.mark.parametrize(
    "looks",
    [
        "assert k6ws_run(fine, thresholds={'reply': ['max<100']}).passed",
        "k6ws_run(fine, thresholds={'reply': ['max<100']})",
        "k6ws_run(slow, thresholds={'reply': ['max<100']})",
        "assert k6ws_run(fine).metrics['reply']['max'] < 100",
        "assert k6ws_run(fine).metrics['reply'].max < 100",
        "assert k6ws_run(fine).metrics['reply'].get('max') < 100",
        "assert k6ws_run(fine).series('reply')[0][1]['max'] < 100",
        "k6ws_run(fine, thresholds={'reply': ['max<100']}).assert_ok()",
    ],
)
def test_a_judged_time_is_an_error(tested: Tested, reasons: list[str], looks: str) -> None:
    reasons.append(WHY)
    told = tested(f"def test_it(k6ws_run):\n    {looks}\n")
    assert told.outcomes == ["test_it call passed", "test_it teardown failed"]
    assert WHY in told.text
    assert "k6ws_trust = warn" in told.text


@pytest.mark.parametrize(
    "looks",
    [
        "k6ws_run(fine, thresholds={'checks': ['rate==1']})",
        "k6ws_run(fine).assert_ok()",
        "assert k6ws_run(fine).metrics['iterations'].count == 1",
        "assert k6ws_run(fine).series('iterations')[0][1]['count'] == 1",
    ],
)
def test_what_is_no_time_is_a_line_in_the_summary(
    tested: Tested, reasons: list[str], looks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons.append(WHY)
    told = tested(f"def test_it(k6ws_run):\n    {looks}\n")
    assert told.outcomes == ["test_it call passed"], told.text
    line = f"test_it.py::test_it: the numbers may not be the target's: {WHY}"
    assert line in capsys.readouterr().out


def test_a_setting_makes_it_a_line_in_any_case(
    tested: Tested, reasons: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    reasons.append(WHY)
    told = tested(ABOUT_TIME, "-o", "k6ws_trust=warn")
    assert told.outcomes == ["test_it call passed"]
    assert WHY in capsys.readouterr().out
    late = tested(ABOUT_TIME.replace("fine", "slow"), "-o", "k6ws_trust=warn")
    assert late.outcomes == ["test_it call failed"]


def test_who_asks_is_not_told(
    tested: Tested, reasons: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    reasons.append(WHY)
    told = tested("""
def test_it(k6ws_run):
    result = k6ws_run(fine, thresholds={"reply": ["max<100"]})
    if not result.trustworthy:
        pytest.skip("this machine is busy")
""")
    assert told.outcomes == ["test_it call skipped"]
    assert WHY not in capsys.readouterr().out


def test_a_test_that_is_left_is_judged_by_nothing(tested: Tested, reasons: list[str]) -> None:
    reasons.append(WHY)
    told = tested("""
def test_it(k6ws_run):
    if k6ws_run(fine).metrics["reply"]["max"] > 1:
        pytest.skip("of no interest")
""")
    assert told.outcomes == ["test_it call skipped"]


def test_a_failed_test_is_no_error_beside(tested: Tested, reasons: list[str]) -> None:
    reasons.append(WHY)
    told = tested("""
def test_it(k6ws_run):
    assert k6ws_run(slow).metrics["reply"]["max"] < 100
""")
    assert told.outcomes == ["test_it call failed"]
    assert WHY in told.text


def test_a_setting_that_is_none_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    done = pytester.runpytest_inprocess("-o", "k6ws_trust=maybe")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*k6ws_trust is error or warn, not 'maybe'*"])


def test_a_generator_that_blocks_is_found_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import time
        from k6ws import ws

        def blocking(url):
            with ws.open(url) as session:
                session.on("message", lambda _: time.sleep(0.05))
                for _ in range(40):
                    session.send("hello")
                time.sleep(0.2)

        def test_it(k6ws_run, k6ws_echo):
            k6ws_run(lambda: blocking(k6ws_echo), thresholds={"iteration_duration": ["max<60000"]})
        """
    )
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["*may be this machine's, not the target's*"])
