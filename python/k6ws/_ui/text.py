"""Text that is safe, measured and coloured for a terminal.

What every renderer needs before it can place a word: how many columns it takes, where it may be
broken, that it cannot move the cursor, and how to colour it. Knows nothing of metrics or scenarios.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

__all__ = [
    "Paint",
    "broken",
    "columns",
    "cropped",
    "fold",
    "join_clauses",
    "metric_title",
    "plain",
    "printable",
    "shown_name",
    "shown_text",
    "without_escapes",
]


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text in ANSI colours, or leaves it alone when `color` is false.

    Pad before painting: the codes take no columns, but they have a length.
    """

    color: bool

    def good(self, text: str) -> str:
        """Green: it passed."""
        return self._wrapped("32", text)

    def bad(self, text: str) -> str:
        """Red: it failed, or should be looked at first."""
        return self._wrapped("31", text)

    def value(self, text: str) -> str:
        """Cyan: a measured value."""
        return self._wrapped("36", text)

    def warning(self, text: str) -> str:
        """Yellow: the run is valid, but read this."""
        return self._wrapped("33", text)

    def mark(self, *, passed: bool) -> str:
        """`✓` or `✗`, in its colour."""
        return self.good("✓") if passed else self.bad("✗")

    def _wrapped(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


def printable(text: str) -> str:
    """The text on one line, without anything that could drive the terminal.

    Control characters are shown as pictures (`␛`), direction-changing ones go; line ends and tabs
    become spaces; lone surrogates, which no stream can encode, become `?`.
    """
    return " ".join("".join(map(_safe, text)).split())


def shown_text(text: str) -> str:
    """What a script or a peer says of something: printable, and cut where nobody reads on."""
    return printable(text) if len(text) <= _LONGEST_TEXT else f"{printable(text[:_LONGEST_TEXT])}…"


def shown_name(text: str) -> str:
    r"""The name that a script or a peer gave to something, as the page shows it, too: no two look alike.

    Control characters are pictures, line ends among them (`␊`); what else is unseen, or turns the text around
    it, is its number (`\u202e`); a name of nothing but spaces has them as `␠`. Cut at 200 characters.
    """
    if text and not text.strip(" "):
        text = text.replace(" ", "␠")
    name = "".join(map(_pictured, text[: _LONGEST_NAME + 1]))
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def without_escapes(text: str) -> str:
    """The text without sequences that steer a terminal, such as colours."""
    return _ESCAPE.sub("", text)


def plain(line: str) -> str:
    """A line as `Paint` leaves it where there is no colour."""
    return _PAINT.sub("", line)


def metric_title(name: str) -> str:
    """A metric or a part of it, a name alone without its key: `ws_req_duration{say}`."""
    whole, brace, tags = name.partition("{")
    key, colon, value = tags.removesuffix("}").partition(":")
    if brace and colon and key.strip() == "name" and "," not in value:
        return shown_name(f"{whole.strip()}{{{value.strip()}}}")
    return shown_name(name)


def columns(text: str) -> int:
    """How many terminal columns printable text takes (East Asian wide characters take two)."""
    return len(text) if text.isascii() else sum(map(_char_columns, text))


def cropped(line: str, width: int) -> str:
    """As much of a line, with the colours that `Paint` gave it, as takes no more columns than there are."""
    if columns(plain(line)) <= width:
        return line
    shown, room = "", width
    for place, part in enumerate(_PAINT_KEPT.split(line)):
        # Colours are at odd places: they take no room, and what is switched on is switched off again.
        if place % 2:
            shown += part
            continue
        for char in part:
            room -= _char_columns(char)
            if room < 0:
                break
            shown += char
    return shown


def fold(text: str, *, width: int, first: str, rest: str) -> list[str]:
    """Break text between words so that lines fit; words longer than a line stay whole.

    Args:
        text: printable text.
        width: columns a line may take.
        first: what the first line starts with.
        rest: what every further line starts with.
    """
    lines: list[str] = []
    line, room = first, width - columns(first)
    is_empty = True
    for word in text.split():
        needed = columns(word) + (0 if is_empty else 1)
        if needed > room and not is_empty:
            lines.append(line)
            line, room, needed, is_empty = rest, width - columns(rest), columns(word), True
        line += word if is_empty else f" {word}"
        room -= needed
        is_empty = False
    return [*lines, line.rstrip()]


def broken(line: str, *, width: int, indent: str) -> list[str]:
    """A line, or as many as it takes, broken between words; a word that is longer than a line stays whole."""
    lines = [""]
    for word in re.findall(r"\s*\S+", line):
        longer = lines[-1] + word
        # One column is kept for a comma that may follow.
        if columns(plain(longer)) < width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(indent + word.lstrip())
    return lines


def join_clauses(clauses: list[str], *, width: int, indent: str) -> list[str]:
    """Join clauses with commas, breaking between them; one that is too long breaks between words."""
    lines: list[str] = []
    for clause in clauses:
        if not lines:
            lines = broken(clause, width=width, indent=indent)
            continue
        joined = f"{lines[-1]}, {clause}"
        # One column is kept for the comma that a further clause would need.
        if columns(plain(joined)) < width:
            lines[-1] = joined
        else:
            lines[-1] += ","
            lines += broken(indent + clause, width=width, indent=indent)
    return lines


def _pictured(char: str) -> str:
    code = ord(char)
    if code < ord(" "):
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "␡"
    if char in _UNSEEN or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
        return f"\\u{code:04x}"
    return char


def _safe(char: str) -> str:
    if char in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    category = unicodedata.category(char)
    if category == "Cs":
        return "?"
    if category == "Cc":
        code = ord(char)
        return chr(_PICTURES + code) if code < ord(" ") else "␡" if code == _DELETE else "�"
    return "" if char in _DIRECTION_CHANGES else char


@functools.lru_cache(maxsize=1000)
def _char_columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


_LONGEST_NAME = 200
_LONGEST_TEXT = 2000
_PICTURES = 0x2400
_DELETE = 0x7F
_PAINT = re.compile(r"\x1b\[\d+m")
_PAINT_KEPT = re.compile(r"(\x1b\[\d+m)")
# CSI sequences, OSC and other strings up to their end, then any two-character escape.
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-~]?"
)
_DIRECTION_CHANGES = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = f"{_DIRECTION_CHANGES}\u200b\u2060\ufeff"
