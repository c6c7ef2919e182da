"""Matchers as scripts write them: what each matches, what is refused, and how they read."""

from __future__ import annotations

import doctest
import gc
import re
import weakref
from types import MappingProxyType
from typing import Any

import pytest

from k6ws import match
from k6ws._core import Template
from k6ws.errors import InvalidParameter
from k6ws.match import (
    Matcher,
    at,
    binary,
    contains,
    equals,
    has,
    json,
    regex,
    starts_with,
    text,
)

# What type checkers would refuse.
WRONG: Any = 3
NUMBERED: Any = {1: 1}

NESTED = '{"id": 7, "params": [{"name": "a/b"}, null], "text": "\\u00e9"}'


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(match).failed == 0
    assert doctest.testmod(match).attempted >= 9


@pytest.mark.parametrize(
    ("matcher", "message", "expected"),
    [
        (equals("pong"), "pong", True),
        (equals("pong"), "pong ", False),
        (equals("pong"), b"pong", False),
        (equals(b"pong"), b"pong", True),
        (equals(b"pong"), "pong", False),
        (equals({"a": [1, None]}), '{"a":[1.0,null]}', True),
        (equals({"a": 1}), '{"a":1,"b":2}', False),
        (equals([]), "[]", True),
        (equals(None), "null", True),
        (Matcher.of(MappingProxyType({"/id": 7})), NESTED, True),
        (json({"/": MappingProxyType({"a": (1,)})}), '{"": {"a": [1]}}', True),
        (contains("b"), "abc", True),
        (contains(b"b"), "abc", False),
        (contains(""), "", True),
        (starts_with("ab"), "abc", True),
        (starts_with("b"), "abc", False),
        (starts_with(b"\xff"), b"\xff\x00", True),
        (regex("^4[23]"), "43[]", True),
        (regex(b"^\xff."), b"\xff\xfe", True),
        (regex(re.compile("HELLO", re.IGNORECASE)), "well, hello", True),
        (json({"/id": 7}), NESTED, True),
        (json({"/id": 7.0}), NESTED, True),
        (json({"/id": "7"}), NESTED, False),
        (json({"/id": True}), '{"id": 1}', False),
        (json({"/params/0/name": "a/b", "/id": 7}), NESTED, True),
        (json({"/params/0/name": "a/b", "/id": 8}), NESTED, False),
        (json({"/text": "é"}), NESTED, True),
        (json({"/a~1b": 1}), '{"a/b": 1}', True),
        (json({"/id": 7}), NESTED.encode(), True),
        (json({"/id": 7}), "no JSON", False),
        (json({"/id": 7}), '{"id": 7', False),
        (json({"/id": 7}), '{"id": 7} and more', False),
        (json({"/0": [3, 4]}), "[[3, 4]]", True),
        (json({"/0": [3, 4]}), "[3]", False),
        (json({"/id": 2**70}), '{"id": 1180591620717411303424}', True),
        (json({"/id": 2**53 + 1}), '{"id": 9007199254740992}', False),
        (has("/params/1"), NESTED, True),
        (has("/params/2"), NESTED, False),
        (has("/params/-"), NESTED, False),
        (has("/params/01"), NESTED, False),
        (has(""), "3", True),
        (has(""), "three", False),
        (at(1, b"\x02\x03"), b"\x01\x02\x03", True),
        (at(2, b"\x02\x03"), b"\x01\x02\x03", False),
        (at(0, b"\x40", mask=b"\xf0"), b"\x4f", True),
        (at(0, b"\x40", b"\xf0"), b"\x3f", False),
        (at(2**62, b"\x40"), b"\x3f", False),
        (text, "a", True),
        (text, b"a", False),
        (binary, b"a", True),
        (binary, "a", False),
    ],
)
def test_what_matches(matcher: Matcher, message: str | bytes, expected: bool) -> None:
    assert matcher.matches(message) is expected
    assert (~matcher).matches(message) is not expected


@pytest.mark.parametrize(
    "matcher",
    [equals("250 ok"), equals(b"250 ok"), contains(" "), contains(b" "), starts_with("250"), regex("ok$"),
     regex(b"ok$"), text, binary, starts_with("25") & starts_with(b"250")],
)  # fmt: skip
def test_over_tcp_text_and_bytes_are_alike(matcher: Matcher) -> None:
    assert matcher.matches(b"250 ok", is_tcp=True)
    assert matcher.matches("250 ok", is_tcp=True)
    assert not matcher.matches(b"250 ok") or not matcher.matches("250 ok")


def test_a_line_of_tcp_that_is_no_utf8_is_matched_as_its_bytes() -> None:
    line = b"250 \xff".decode("utf-8", "surrogateescape")
    assert at(4, b"\xff").matches(line, is_tcp=True)


def test_matchers_join() -> None:
    one, other = contains("a"), contains("b")
    assert [(one & other).matches(m) for m in ("a", "b", "ab", "")] == [False, False, True, False]
    assert [(one | other).matches(m) for m in ("a", "b", "ab", "")] == [True, True, True, False]
    assert [(~(one | other)).matches(m) for m in ("a", "")] == [False, True]
    assert ("a" | other).matches("a")
    assert ({"/a": 1} | other).matches('{"a":1}')
    assert (starts_with("a") & re.compile("c$")).matches("abc")


def test_they_are_asked_from_left_to_right_until_the_answer_is_known() -> None:
    asked: list[str] = []

    def ask(name: str, answer: bool) -> Any:
        def asks(_message: object) -> bool:
            asked.append(name)
            return answer

        return asks

    matcher = starts_with("a") & ask("first", True) & ask("second", False) & ask("third", True)
    assert not matcher.matches("b")
    assert asked == []
    assert not matcher.matches("a")
    assert asked == ["first", "second"]
    asked.clear()
    assert (Matcher.of(ask("one", False)) | ask("other", True)).matches("a")
    assert asked == ["one", "other"]


def test_a_callable_is_given_the_decoded_message() -> None:
    matcher = Matcher.of(lambda message: message["id"] == 7)
    assert matcher.needs_python
    assert matcher.matches('{"id": 7}', {"id": 7})
    assert Matcher.of(lambda message: message is None).matches("null", None)
    assert Matcher.of(lambda message: message == "null").matches("null")
    assert not (starts_with("x") | json({"/a": 1})).needs_python
    assert (~(starts_with("x") | bool)).needs_python


def test_a_value_is_compared_with_what_a_codec_has_made_of_the_message() -> None:
    assert equals({"id": 7}).matches(b"\x81\xa2id\x07", {"id": 7})
    assert not equals({"id": 7}).matches(b"\x81\xa2id\x07")
    assert not equals({"id": 7}).matches('{"id": 7}', {"id": 8})
    assert not equals({"id": 7}).needs_python


def test_what_a_callable_raises_comes_through_and_nobody_is_asked_behind_it() -> None:
    asked: list[object] = []
    matcher = Matcher.of(lambda message: message["id"]) | asked.append
    with pytest.raises(TypeError, match="indices must be"):
        matcher.matches("text")
    assert asked == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("pong", "equals('pong')"),
        (b"pong", "equals(b'pong')"),
        ({"/a": 1}, "json({'/a': 1})"),
        (re.compile("a+"), "regex(re.compile('a+'))"),
        (len, "len"),
        (starts_with("0"), "starts_with('0')"),
        (contains("0") & has("/a") & text, "contains('0') & has('/a') & text"),
        ((text | binary) & ~has("/a"), "(text | binary) & ~has('/a')"),
        (~(text | binary), "~(text | binary)"),
        (text & binary | has(""), "text & binary | has('')"),
        (at(0, b"\x40", b"\xf0"), "at(0, b'@', mask=b'\\xf0')"),
        (at(3, b"\x40"), "at(3, b'@')"),
    ],
)
def test_what_scripts_write_becomes_a_matcher_that_reads_like_it(value: Any, written: str) -> None:
    assert repr(Matcher.of(value)) == written


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (lambda: Matcher.of(WRONG), TypeError, "<class 'int'> is no matcher"),
        (lambda: starts_with(WRONG), TypeError, "text or bytes are looked for, not <class 'int'>"),
        (lambda: text & WRONG, TypeError, "unsupported operand"),
        (lambda: text and has("/a"), TypeError, "`&` and `|`"),
        (lambda: not text, TypeError, "neither true nor false"),
        (lambda: json({}), InvalidParameter, "asks for nothing"),
        (lambda: json({"type": 1}), InvalidParameter, '"type" is no JSON pointer'),
        (lambda: json(NUMBERED), TypeError, "a JSON pointer is text, not 1"),
        (lambda: json({"/a": object}), TypeError, "JSON has no value like <class 'object'>"),
        (lambda: json({"/a": {1: 1}}), InvalidParameter, "JSON has no name 1"),
        (lambda: json({"/a": float("nan")}), InvalidParameter, "JSON has no number nan"),
        (lambda: json({"/a": circular()}), InvalidParameter, "nested deeper than 64"),
        (lambda: has("/a~2"), InvalidParameter, '"/a~2" is no JSON pointer'),
        (lambda: has("/a" * 100), InvalidParameter, "100 steps is too long"),
        (lambda: at(-1, b"a"), InvalidParameter, "a number of bytes from 0 on, not -1"),
        (lambda: at(0, b"a", b"aa"), InvalidParameter, "would never match"),
        (lambda: at(0, b"\x41", b"\x40"), InvalidParameter, "would never match"),
        (lambda: regex("(a"), InvalidParameter, "a pattern is not valid: unclosed group"),
        (lambda: regex(r"(a)\1"), InvalidParameter, "a back-reference is not possible"),
        (lambda: regex("(?P<a>.)(?P=a)"), InvalidParameter, "a back-reference is not possible"),
        (lambda: regex("a(?=b)"), InvalidParameter, "look-ahead and look-behind"),
        (lambda: regex(re.compile("(?<!a)b")), InvalidParameter, "look-ahead and look-behind"),
        (lambda: regex(re.compile("a++")), InvalidParameter, "possessive"),
        (lambda: regex(re.compile("(?>a)")), InvalidParameter, "atomic"),
        (lambda: regex(re.compile("a", re.ASCII)), InvalidParameter, "re.ASCII"),
        (lambda: regex(r"(\w{1,1000}){1,1000}"), InvalidParameter, "too large"),
        (lambda: regex(WRONG), TypeError, "a pattern is text, bytes, or what re.compile gives"),
        (lambda: text.matches(WRONG), TypeError, "a message is text or bytes, not int"),
        (lambda: deep(), InvalidParameter, "more than 100 deep"),
    ],
)
def test_what_cannot_be_says_why(make: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=re.escape(text)):
        make()


def circular() -> list[Any]:
    inner: list[Any] = []
    inner.append(inner)
    return inner


def deep() -> Matcher:
    matcher = text
    for _ in range(200):
        matcher = ~matcher
    return matcher


def test_what_is_refused_says_what_to_write_instead() -> None:
    with pytest.raises(InvalidParameter) as refused:
        json({"type": 1})
    assert refused.value.hint == 'a pointer begins with a slash, as "/type" does'
    with pytest.raises(InvalidParameter) as refused:
        regex("a++")
    assert "leave its" in refused.value.hint


def test_no_message_is_too_deep_or_too_long() -> None:
    for message in ("[" * 1_000_000, "[" * 1_000_000 + "]" * 1_000_000, '{"a":' * 500_000):
        assert not json({"/a": 1}).matches(message)
    deeply = "[" * 300_000 + "]" * 300_000
    assert has("/0/0/0").matches(deeply)
    assert has("/199999").matches("[" + "0," * 199_999 + "1]")
    assert json({"/199999": 1}).matches("[" + "0," * 199_999 + "1]")
    assert equals([[]]).matches("[[]]")
    assert not equals([[]]).matches(deeply)


def test_a_matcher_with_a_callable_is_collected_with_its_circle() -> None:
    class Session:
        matcher: Matcher

        def is_meant(self, _message: object) -> bool:
            return True

    session = Session()
    session.matcher = starts_with("a") & session.is_meant
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("reply", "answered", "message", "answer"),
    [
        ("3", Matcher.of("2"), "2", "3"),
        ('[3, "{1}", {}]', regex(r'^\[2,"(\w+)"'), '[2,"17","Reset",{}]', '[3, "17", {}]'),
        ("ACK {id}", regex(r"(?m)^ack:(?P<id>.+)$"), "MESSAGE\nack:7\n", "ACK 7"),
        ('{"id": {/id}, "type": "pong"}', json({"/type": "ping"}), '{"type":"ping","id":"a"}',
         '{"id": "a", "type": "pong"}'),
        ("{{1} {", regex("(.)"), "x", "{1} {"),
        ("{/id}", has("/other"), '{"other": 1}', None),
        (b"\x40\x02{1}", at(0, b"\x30", b"\xf0"), b"\x32", b"\x40\x02{1}"),
    ],
)  # fmt: skip
def test_an_answer_takes_what_the_message_has(
    reply: str | bytes, answered: Matcher, message: str | bytes, answer: str | bytes | None
) -> None:
    template = Template(reply, answered)
    assert template.fill(message) == answer
    assert template.is_text is isinstance(reply, str)


def test_an_answer_that_takes_what_no_message_has_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="no pattern has matched") as refused:
        Template("{1}", Matcher.of("2"))
    assert "{{1} for the text itself" in refused.value.hint
    with pytest.raises(TypeError, match="an answer is text or bytes"):
        Template(WRONG, text)


def test_who_imports_all_names_keeps_the_json_of_the_standard_library() -> None:
    names: dict[str, Any] = {}
    exec("import json\nfrom k6ws.match import *", names)
    assert names["json"].dumps([1]) == "[1]"
    assert names["has"] is has
