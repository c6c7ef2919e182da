"""Who judges a run: the test by what it looks at, and the plugin what is left."""

from __future__ import annotations

import pytest

from .conftest import Tested

REFUSED = """
def test_it(k6ws_run):
    result = k6ws_run(refused, iterations=2, thresholds={"reply": ["max<1"]})
    %s
"""


@pytest.mark.parametrize(
    ("looks", "is_red"),
    [
        ("pass", True),
        ("result.metrics['iterations'].count", True),
        ("print(result, repr(result))", True),
        ("result.passed", True),
        ("result.exit_code", True),
        ("result.checks", True),
        ("result.trustworthy", True),
        ("result.connection_failures", True),
        ("result.thresholds", True),
        ("result.problems", False),
        ("result.thresholds, result.connection_failures", False),
        ("pytest.raises(AssertionError, result.assert_ok)", False),
    ],
)
def test_what_a_test_looked_at_is_its_own_to_judge(
    tested: Tested, looks: str, is_red: bool
) -> None:
    assert tested(REFUSED % looks).outcomes == [f"test_it call {'failed' if is_red else 'passed'}"]


def test_a_threshold_says_how_many_connections_may_fail(tested: Tested) -> None:
    told = tested("""
def mixed():
    refused()
    with testing.echo() as url:
        ws.open(url).close()

def test_it(k6ws_run):
    k6ws_run(mixed, thresholds={"ws_connect_failed": ["count<2"]})
""")
    assert told.outcomes == ["test_it call passed"], told.text


def test_options_of_the_call_lie_over_those_of_markers(tested: Tested) -> None:
    told = tested("""
@pytest.mark.k6ws(vus=2, summaryTrendStats=["max"], env={"WHO": "class"})
class TestAll:
    @pytest.mark.k6ws(iterations=6)
    def test_it(self, k6ws_run):
        told = k6ws_run(fine, summary_trend_stats=["min"]).to_dict()
        assert told["options"]["summaryTrendStats"] == ["min"]
        assert told["scenarios"][0]["description"].startswith("6 iterations shared among 2 VUs")

    def test_env(self, k6ws_run):
        def default():
            check(env["WHO"], {"is the class": lambda who: who == "class"})
        k6ws_run(default, vus=1)
""")
    expected = ["TestAll::test_it call passed", "TestAll::test_env call passed"]
    assert told.outcomes == expected, told.text


def test_a_marker_takes_options_by_name(tested: Tested) -> None:
    told = tested("""
@pytest.mark.k6ws(3)
def test_it(k6ws_run):
    pass
""")
    assert "takes options by name, not 3" in told.text


def test_the_echo_is_text_and_of_the_session(tested: Tested) -> None:
    told = tested("""
@pytest.fixture(scope="session")
def heard(k6ws_echo):
    with ws.open(k6ws_echo) as session:
        session.send("hello")
        return session.recv()

def test_it(heard, k6ws_echo, k6ws_run):
    assert heard == "hello"
    assert isinstance(k6ws_echo, str)
    assert k6ws_echo == f"ws://{k6ws_echo.host}:{k6ws_echo.port}/"
    assert f"{k6ws_echo}path".endswith("/path")
    k6ws_run(lambda: ws.open(env["URL"]).close(), env={"URL": k6ws_echo}).assert_ok()
""")
    assert told.outcomes == ["test_it call passed"], told.text


def test_a_run_that_several_tests_look_at(tested: Tested) -> None:
    told = tested("""
@pytest.fixture(scope="module")
def result(k6ws_shared_run):
    return k6ws_shared_run(slow, thresholds={"reply": ["max<100"]})

def test_count(result):
    assert result.metrics["iterations"].count == 1

def test_more(result):
    assert result.metrics["reply"].kind == "trend"
""")
    assert told.outcomes == [
        "test_count call passed",
        "test_more call passed",
        "test_more teardown failed",
    ]
    assert "reply: max=189ms ≥ 100ms" in told.text
    judged = tested("""
@pytest.fixture(scope="module")
def result(k6ws_shared_run):
    return k6ws_shared_run(fine)

def test_it(result):
    assert result.passed
""")
    assert judged.outcomes == ["test_it call passed"]


def test_what_is_expected_to_fail_is_judged_as_a_whole(tested: Tested) -> None:
    told = tested("""
@pytest.mark.xfail(strict=True)
def test_it(k6ws_run):
    k6ws_run(slow, thresholds={"reply": ["max<100"]})

@pytest.mark.xfail(strict=True)
def test_that_holds(k6ws_run):
    k6ws_run(fine, thresholds={"reply": ["max<100"]})
""")
    assert told.outcomes == ["test_it call skipped", "test_that_holds call failed"]
    assert "XPASS(strict)" in told.text


def test_without_subtests_a_test_says_all_its_thresholds(tested: Tested) -> None:
    told = tested(
        """
def test_it(k6ws_run):
    k6ws_run(slow, thresholds={"reply": ["max<100", "min<1"]})
""",
        "-p",
        "no:subtests",
    )
    assert told.outcomes == ["test_it call failed"]
    assert "reply: max=189ms ≥ 100ms" in told.text
    assert "reply: min=12.2ms ≥ 1ms" in told.text


def test_parameters_and_skips(tested: Tested) -> None:
    told = tested("""
@pytest.mark.parametrize("count", [1, 3])
def test_it(k6ws_run, count):
    result = k6ws_run(fine, iterations=count)
    assert result.metrics["iterations"].count == count

def test_skipped(k6ws_run):
    k6ws_run(refused)
    pytest.skip("of no interest")
""")
    assert told.outcomes == [
        "test_it[1] call passed",
        "test_it[3] call passed",
        "test_skipped call skipped",
    ]
