"""Correlations as scripts write them: which keys they find, and what is refused."""

from __future__ import annotations

import doctest
import re
from typing import Any

import pytest

from k6ws import correlate
from k6ws.correlate import Correlation, by, capture, field, in_order
from k6ws.errors import InvalidParameter
from k6ws.match import at, json

# What type checkers would refuse.
WRONG: Any = 3
BYTES: Any = b"id"


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(correlate).failed == 0
    assert doctest.testmod(correlate).attempted >= 5


@pytest.mark.parametrize(
    ("correlation", "sent", "received"),
    [
        (by("/id"), '{"id": 7}', '{"result": {}, "id": 7}'),
        (by("/id"), '{"id": "a\\u00e9"}', '{"id": "aé"}'),
        (by("/id"), '{"id": true}', '{"id": true}'),
        (by("/id"), '{"id": 12345678901234567890123}', '{"id":12345678901234567890123}'),
        (by("/id", "/0"), '{"id": 7}', "[7]"),
        (by(capture(r"^42(\d+)\["), capture(r"^43(\d+)\[")), "427[]", "437[]"),
        (by(capture(r"(?P<n>\d+) (.*)", "n")), "7 a", "7 b"),
        (by(capture(r"(\d+) (.*)", 1)), "7 a", "7 b"),
        (by(re.compile(r"id=(\w+)", re.IGNORECASE)), "ID=x", "id=x"),
        (by(field(2, 2)), b"\x30\x00\x00\x0a", b"\x40\x02\x00\x0a"),
        (by("/id", capture(r"^(\d+) ")), '{"id": 7}', "7 ok"),
        (by("/id", capture(r"^(\d+) ")), '{"id": "7"}', "7 ok"),
        (by(lambda _: 7, "/id"), "x", '{"id": 7}'),
        (by(lambda _: "7", "/id"), "x", '{"id": 7}'),
        (by(lambda _: b"7", lambda _: 7), "x", "y"),
    ],
)
def test_a_reply_has_the_key_of_its_request(
    correlation: Correlation, sent: str | bytes, received: str | bytes
) -> None:
    assert correlation.key_of_received(received) == correlation.key_of_sent(sent)
    assert not correlation.is_in_order


def test_numbers_and_strings_differ_where_both_sides_know_them() -> None:
    assert by("/id").key_of_sent('{"id": 7}') != by("/id").key_of_received('{"id": "7"}')
    assert by("/id").key(7) == by("/id").key_of_received('{"id": 7}')
    assert by("/id").key("7") == by("/id").key_of_received('{"id": "7"}')
    text = by("/id", capture("(.*)"))
    assert text.key(7) == text.key("7") == text.key(b"7") == text.key_of_received("7")


@pytest.mark.parametrize(
    "message",
    ["", "no JSON", "{}", '{"id": null}', '{"id": [1]}', '{"id": {}}', '{"id": 7', '{"id": "\\ud800"}'],
)  # fmt: skip
def test_a_message_without_a_key_is_no_reply_and_no_request(message: str) -> None:
    assert by("/id").key_of_received(message) is None
    with pytest.raises(InvalidParameter, match="the message has no key"):
        by("/id").key_of_sent(message)


@pytest.mark.parametrize(
    "correlation", [by(capture("a(b)?")), by(field(0, 4)), by(lambda _: None), by(capture(b"(a)"))]
)
def test_other_keys_that_are_not_there(correlation: Correlation) -> None:
    assert correlation.key_of_received("a") is None


def test_a_key_has_1024_bytes_at_most() -> None:
    assert by(capture("(?s)(.*)")).key_of_received("x" * 1024) == b"x" * 1024
    assert by(capture("(?s)(.*)")).key_of_received("x" * 1025) is None
    with pytest.raises(InvalidParameter, match="has more than 1024 bytes"):
        by(capture("(.*)")).key_of_sent("x" * 1025)
    with pytest.raises(InvalidParameter, match="has more than 1024 bytes"):
        by("/id").key("x" * 1024)


def test_only_what_where_matches_is_a_reply() -> None:
    ocpp = by("/1", where=json({"/0": 3}) | json({"/0": 4}))
    assert ocpp.key_of_sent('[2, "17", "Heartbeat", {}]') == b'"17'
    assert ocpp.key_of_received('[3, "17", {}]') == b'"17'
    assert ocpp.key_of_received('[2, "17", "Reset", {}]') is None
    postgres = in_order(where=~at(0, b"N"), done=at(0, b"Z"))
    assert postgres.is_in_order
    assert postgres.key_of_received(b"N...", is_tcp=True) is None
    assert postgres.key_of_received(b"Z...", is_tcp=True) == b""
    assert postgres.is_done(b"Z...", is_tcp=True) is True
    assert postgres.is_done(b"T...", is_tcp=True) is False
    assert in_order().is_done("anything") is None


def test_callables_are_given_the_decoded_message_and_each_its_own_place() -> None:
    correlation = by(
        lambda message: message["sent"],
        lambda message: message["got"],
        where=lambda message: message["where"],
        done={"/done": True},
        name="call",
    )
    assert correlation.needs_python
    assert correlation.name == "call"
    assert correlation.key_of_sent("", {"sent": 1}) == b"1"
    assert correlation.key_of_received("", {"got": 2, "where": True}) == b"2"
    assert correlation.key_of_received("", {"got": 2, "where": False}) is None
    assert not by("/id", done=at(0, b"x")).needs_python
    assert in_order(done=len).needs_python
    with pytest.raises(KeyError, match="got"):
        correlation.key_of_received("", {"where": True})


@pytest.mark.parametrize("key", [1.5, True, [1]])
def test_a_callable_that_returns_no_key_is_told_so(key: Any) -> None:
    with pytest.raises(TypeError, match="a key is text, bytes or a whole number"):
        by(lambda _: key).key_of_sent("x")


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: by("^42(.)"), InvalidParameter, "'^42(.)' is no JSON pointer; did you mean capture('^"),
        (lambda: by(BYTES), InvalidParameter, "did you mean capture(b'id')?"),
        (lambda: by("/a~"), InvalidParameter, '"/a~" is no JSON pointer'),
        (lambda: by("/id", WRONG), TypeError, "<class 'int'> says no key"),
        (lambda: by("/id", where=WRONG), TypeError, "is no matcher"),
        (lambda: by(re.compile("a")), InvalidParameter, "without a group"),
        (lambda: capture("(a)(b)"), InvalidParameter, "with 2 groups does not say which"),
        (lambda: capture("(a)", 2), InvalidParameter, "the pattern has no group 2"),
        (lambda: capture("(?P<n>a)", "m"), InvalidParameter, "the pattern has no group m"),
        (lambda: capture("(?=a)(b)"), InvalidParameter, "look-ahead"),
        (lambda: field(-1, 2), InvalidParameter, "an offset is a number of bytes from 0 on, not -1"),
        (lambda: field(0, 0), InvalidParameter, "a key cannot have 0 bytes"),
        (lambda: field(0, 1025), InvalidParameter, "a key cannot have 1025 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_says_why(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=re.escape(text)):
        make()


@pytest.mark.parametrize(
    ("correlation", "written"),
    [
        (by("/id"), "by('/id')"),
        (by("/id", "/0", where={"/a": 1}, done="end", name="x"),
         "by('/id', '/0', where=json({'/a': 1}), done=equals('end'), name='x')"),
        (by(capture("(a)", 1), field(0, 2)), "by(capture('(a)', 1), field(0, 2))"),
        (in_order(done=at(0, b"Z")), "in_order(done=at(0, b'Z'))"),
        (in_order(), "in_order()"),
    ],
)  # fmt: skip
def test_a_correlation_reads_as_it_was_written(correlation: Correlation, written: str) -> None:
    assert repr(correlation) == written
