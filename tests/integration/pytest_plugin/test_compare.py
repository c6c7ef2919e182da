"""Two targets compared: `k6ws_compare`, on targets that are as slow as a test says."""

from __future__ import annotations

from typing import Any

import pytest

from k6ws import env, testing, ws
from k6ws.errors import OptionsError, RunNotOk
from k6ws.match import text

from .conftest import Tested

TARGETS = """
from k6ws.match import text

def asks():
    with ws.open(env["URL"]) as session:
        for _ in range(3):
            session.request("x", "ask", match=text)

@pytest.fixture
def fast():
    with testing.target(testing.after("5ms", "y")) as url:
        yield url

@pytest.fixture
def late():
    with testing.target(testing.after("25ms", "y")) as url:
        yield url

SIX = {"script": asks, "rounds": 6, "iterations": 1}
"""


def asks() -> None:
    with ws.open(env["URL"]) as session:
        session.request("x", "ask", match=text)


def test_who_is_slower_fails_the_test_that_does_not_look(tested: Tested) -> None:
    told = tested(
        TARGETS
        + """
def test_slower(k6ws_compare, fast, late):
    k6ws_compare(fast, late, **SIX)

def test_faster(k6ws_compare, fast, late):
    k6ws_compare(late, fast, **SIX)

def test_looked(k6ws_compare, fast, late):
    assert k6ws_compare(fast, late, **SIX).is_slower

def test_asserted(k6ws_compare, fast, late):
    k6ws_compare(fast, late, **SIX).assert_ok()
""",
        "-o",
        "k6ws_trust=warn",
    )
    assert told.outcomes == [
        "test_slower call failed",
        "test_faster call passed",
        "test_looked call passed",
        "test_asserted call failed",
    ], told.text
    assert "b is slower: ws_req_duration med +" in told.of("test_slower")
    assert "97% interval" in told.of("test_asserted")


def test_rounds_alternate_and_the_first_does_not_count() -> None:
    seen: list[str] = []

    def script() -> None:
        seen.append(env["WHO"])
        asks()

    with testing.target("y") as url:
        one, two = {"URL": url, "WHO": "a"}, {"URL": url, "WHO": "b"}
        comparison = testing.compare(one, two, script=script, rounds=6, iterations=1, at_most=9)
    assert "".join(seen) == "ba" + "abbaabbaabba"
    assert (len(comparison.a), len(comparison.b)) == (6, 6)


def test_a_round_that_is_not_ok_says_nothing_about_times() -> None:
    with testing.target("y") as url:
        refused = "ws://127.0.0.1:9/"
        with pytest.raises(RunNotOk, match="the first round of b is not ok") as raised:
            testing.compare(url, refused, script=asks, rounds=6)
    assert "is the server running there?" in str(raised.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rounds": 5}, "expected 6 or more"),
        ({"at_most": -1}, "expected a share"),
        ({"script": asks, "a": 3}, "which are no variables"),
        ({"a": 3}, "which is no script"),
        ({"a": lambda: None, "b": lambda: None, "metric": "iterations"}, "is a counter"),
        (
            {
                "a": lambda: None,
                "b": lambda: None,
                "metric": "iteration_duration",
                "figure": "mean",
            },
            "'mean'",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(given: dict[str, Any], said: str) -> None:
    keywords: dict[str, Any] = {"a": "ws://a/", "b": "ws://b/", **given}
    with pytest.raises(OptionsError, match=said):
        testing.compare(**keywords)
