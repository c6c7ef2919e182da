"""Patterns find what Python's `re` finds, run by another engine."""

from __future__ import annotations

import re
from random import Random

import pytest

from k6ws.errors import InvalidParameter
from k6ws.match import regex

PATTERNS = [
    r"a{,2}b", r"a{2}", r"{", r"a{", r'{"id":(\d+)}', r"a{1,2}?", r"\Aab\Z", r"[[a]", r"[a&&b]",
    r"[^]a]", r"[]]", r"a\ b", r"[\b]", r"\0", r"\101", r"\07", r"x\<y\>", r"(?#comment)a",
    r"(?i)A", r"(?i:A)b", r"a|b", r"(?P<n>a)b", r"[a-c~~d]", r"[\]]", r"[a\-c]", r"\x41",
    r"\u00e9", r"[\u00e9]", r"\.", r"[.]", r"\d+", r"[\d-]", r"a.c", r"\é", r"\/", r"a*?b",
    r"(?:ab)+", r"^ab$", r"[#]", r"#", r"\bab\b", r"é", r"(?s:a.c)", r"(?m)^b", r"[a ]",
    r"[(--1\[]", r"[--|]", r"[]-a]", r"[\t--\b]", r"[^--a]", r"[a-]",
]  # fmt: skip
MESSAGES = [
    "", "a", "ab", "aab", "aaa", "b", "{", "a{", '{"id":17}', "[", "&", "]", "^", "a b", "\b",
    "\0", "A", "AB", "\x07", "x<y>", "é", "/", ".", "7", "-", "a\nc", "a.c", "~", "d", "c", "#",
    "a\nb", "ab\nb", "{,2}", "x{,2}b", "u00e9", " ",
]  # fmt: skip
FLAGS = [0, re.IGNORECASE, re.MULTILINE, re.DOTALL, re.VERBOSE, re.IGNORECASE | re.DOTALL]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("flags", FLAGS, ids=str)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_pattern_finds_what_python_finds(pattern: str, flags: int) -> None:
    compiled = re.compile(pattern, flags)
    matcher = regex(compiled)
    for message in MESSAGES:
        assert matcher.matches(message) is bool(compiled.search(message)), message


PIECES = [
    "a", "b", "1", "é", " ", ".", r"\d", r"\w", r"\s", r"\b", "^", "$", "|", "(", ")", "(?:", "(?i:",
    "(?x:", "(?s)", "[", "]", "[^", "-", "{", "}", "{2}", "{,2}", "{1,}", "*", "+", "?", "*?", r"\\",
    r"\.", r"\n", "#", "&&", "~~", "--", r"\-", r"\]", r"\A", r"\Z", r"\x41", r"\0", r"\60", '"', ",",
    "<", r"\<", ":", "=", "!", "(?P<n>", "(?#c)", "\n", r"\ ", "A", "_", r"\D", r"\W", r"\S", r"\é",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_pattern_at_random_finds_what_python_finds(seed: int) -> None:
    random = Random(seed)
    tried, refused = 0, set[str]()
    while tried < 400:
        written = "".join(random.choices(PIECES, k=random.randint(1, 7)))
        try:
            compiled = re.compile(written, random.choice(FLAGS))
        except re.error:
            continue
        tried += 1
        try:
            matcher = regex(compiled)
        except InvalidParameter as error:
            refused.add(str(error))
            continue
        for _ in range(12):
            message = "".join(random.choices('ab1é .\\\n#&~-][{}"<:=!A_,', k=random.randint(0, 6)))
            # The one difference that is told: `$` is the very end.
            if "$" not in written or not message.endswith("\n"):
                assert matcher.matches(message) is bool(compiled.search(message)), written
    assert refused <= {"a possessive quantifier is not possible here"}


@pytest.mark.parametrize("pattern", [b"\xff", b"[\x80-\xff]", b".", rb"\w", b"a\xc3\xa9", rb"\xff"])
def test_a_pattern_of_bytes_finds_what_python_finds(pattern: bytes) -> None:
    compiled = re.compile(pattern)
    for message in (b"", b"\xff", b"\x80", b"a", "é".encode(), "aé".encode(), b"\n"):
        assert regex(compiled).matches(message) is bool(compiled.search(message)), message


def test_a_verbose_pattern_reads_as_in_python() -> None:
    pattern = re.compile(
        r"""^ 43        # an acknowledgement (of "42"
            (\d+) [ #]? # its number
            \[ """,
        re.VERBOSE,
    )
    assert regex(pattern).matches("4317[")
    assert regex(pattern).matches("4317 [")
    assert not regex(pattern).matches("43 17[")


def test_a_pattern_is_compiled_once() -> None:
    patterns = [f"a{{{number}}}$" for number in range(200)]
    for pattern in patterns * 2:
        count = int(pattern[2:-2])
        assert regex(pattern).matches("a" * count)
        assert not regex(pattern + "b").matches("a" * count)
        assert not regex(pattern.encode()).matches("a" * count)
        assert regex(re.compile(pattern, re.IGNORECASE)).matches("A" * count)
