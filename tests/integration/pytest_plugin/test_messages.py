"""What a test says that fails: each message as it was agreed on."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Tested

Golden = Callable[[str], None]


def test_nothing_connected_and_nobody_looked(tested: Tested, golden: Golden) -> None:
    told = tested("""
def test_chat(k6ws_run):
    k6ws_run(refused, vus=2, iterations=4)
""")
    assert told.outcomes == ["test_chat call failed"]
    golden(told.text)


def test_nothing_connected_and_passed_was_asserted(tested: Tested, golden: Golden) -> None:
    told = tested("""
def test_chat(k6ws_run):
    assert k6ws_run(refused, iterations=2).passed

def test_that_knows_of_it(k6ws_run):
    result = k6ws_run(refused, iterations=2)
    assert result.passed
    assert [one.cause for one in result.connection_failures] == ["connect_refused"]
""")
    assert told.outcomes == ["test_chat call failed", "test_that_knows_of_it call passed"]
    golden(told.text)


def test_a_script_that_raises_is_red(tested: Tested, golden: Golden) -> None:
    told = tested("""
def test_unjudged(k6ws_run):
    k6ws_run(raising, iterations=2)

def test_passed(k6ws_run):
    assert k6ws_run(raising, iterations=2).passed
""")
    assert told.outcomes == ["test_unjudged call failed", "test_passed call failed"]
    golden(told.text)


def test_thresholds_are_subtests(tested: Tested, golden: Golden) -> None:
    told = tested("""
@pytest.mark.k6ws(thresholds={"reply": ["p(95)<150", "max<500"], "reply{name:say}": ["med<50"]})
def test_chat(k6ws_run):
    k6ws_run(slow, iterations=2)
""")
    golden(told.text)


def test_thresholds_on_checks_and_on_nothing(tested: Tested, golden: Golden) -> None:
    told = tested("""
def half():
    check(0, {"is one": lambda one: one == 1})
    check(1, {"is one too": lambda one: one == 1})

def test_chat(k6ws_run):
    # How many checks may fail is what the threshold says.
    k6ws_run(half, thresholds={"checks": ["rate>0.9"], "ws_ping": ["p(95)<100"]})
""")
    golden(told.text)


def test_what_the_test_asserts_itself(tested: Tested, golden: Golden) -> None:
    told = tested("""
THRESHOLDS = {"reply": ["p(95)<150"]}

def test_passed(k6ws_run):
    result = k6ws_run(slow, thresholds=THRESHOLDS)
    assert result.passed

def test_ok(k6ws_run):
    k6ws_run(refused, iterations=2).assert_ok()

def test_a_figure(k6ws_run):
    result = k6ws_run(slow)
    assert result.metrics["reply"]["max"] < 100

def test_all_is_well(k6ws_run):
    k6ws_run(fine, iterations=2).assert_ok()
""")
    golden(told.text)


def test_two_runs_in_one_test(tested: Tested, golden: Golden) -> None:
    told = tested("""
def test_both(k6ws_run):
    k6ws_run(fine, thresholds={"reply": ["max<100"]})
    k6ws_run(slow, thresholds={"reply": ["max<100"]})
""")
    golden(told.text)


def test_a_marker_that_is_wrong(tested: Tested, golden: Golden) -> None:
    told = tested("""
@pytest.mark.k6ws(vuss=1)
def test_typo(k6ws_run):
    k6ws_run(fine)
""")
    text = told.text
    assert "k6ws.run() got an unknown option 'vuss'" in text
    assert "did you mean 'vus'?" in text
    golden("\n".join(line for line in text.splitlines() if line.startswith(("==", "E "))) + "\n")
