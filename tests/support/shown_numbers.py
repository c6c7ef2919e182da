"""Numbers as texts show them, read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

TIMES = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}
SIZES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}


def number(text: str) -> float:
    """The number that a text shows: `12.6ms`, `1m30s`, `75.00%`, `29 kB`, `1234`, `3.5/s`."""
    plain = text.removesuffix("/s").strip()
    if plain.endswith("%"):
        return float(plain[:-1]) / 100
    if size := re.fullmatch(r"([-\d.]+) ([kMG]?B)", plain):
        return float(size[1]) * SIZES[size[2]]
    if parts := re.fullmatch(r"(-?)((?:[\d.]+(?:ns|µs|ms|h|m|s))+)", plain):
        each = re.findall(r"([\d.]+)(ns|µs|ms|h|m|s)", parts[2])
        return (-1 if parts[1] else 1) * sum(float(one) * TIMES[unit] for one, unit in each)
    return float(plain)


def is_shown_as(value: float, text: str) -> bool:
    """Whether a text shows a number: three digits, of sizes two, rounded or cut in the last place."""
    digits = 0.1 if text.removesuffix("/s").endswith("B") else 0.01
    return number(text) == pytest.approx(value, rel=digits, abs=1e-6)


def observed(text: str) -> dict[str, str]:
    """Figures in a line of text, by name."""
    return dict(re.findall(r"([a-z]+(?:\([\d.]+\))?)=(\S+(?: [kMG]?B(?:/s)?)?)", text))


def figures(kind: str, text: str) -> dict[str, str]:
    """The figures that a line has of a metric of a kind, by name."""
    amount = r"\S+(?: [kMG]?B)?"
    match kind:
        case "counter":
            found = re.fullmatch(rf"({amount})\s+({amount}/s)", text)
            return dict(zip(("count", "rate"), found.groups(), strict=True)) if found else {}
        case "gauge":
            return {
                "value": text.split("=", maxsplit=1)[0].rsplit(" ", 1)[0].strip(),
                **observed(text),
            }
        case "rate":
            found = re.fullmatch(r"(\S+%)\s+(\d+) out of (\d+)", text)
            if found is None:
                return {}
            share, passes, total = found.groups()
            return {"rate": share, "passes": passes, "fails": str(int(total) - int(passes))}
        case _:
            return observed(text)


def is_without_samples(kind: str, figures: Mapping[str, float]) -> bool:
    """Whether there is nothing to show of a metric; counts it has nevertheless."""
    return not figures or (kind == "trend" and not figures["count"])


def rows_of_terminal(text: str) -> dict[str, str]:
    """What stands behind the dots of each metric, by its whole name."""
    found: dict[str, str] = {}
    whole = ""
    for line in text.splitlines():
        if row := re.match(r"    ([a-z_]\w*)\.*: (.*)", line):
            whole = row[1]
            found[whole] = row[2].strip()
        elif row := re.match(r"      \{ (.*) \}\.*: (.*)", line):
            found[f"{whole}{{{row[1]}}}"] = row[2].strip()
    return found


def counted(text: str, title: str) -> dict[str, int]:
    """Of a block of the terminal how often each thing was, by its first word or two."""
    block = text[text.index(title) :].partition("\n\n\n")[0]
    found = re.findall(r"^ {6,}(\d+)  (\S+(?: \d+)?)", block, re.MULTILINE)
    return {what: int(count) for count, what in found}


def checks_of(group: Mapping[str, Any]) -> list[tuple[str, str, int, int]]:
    """Path, name, passes and fails of every check."""
    own = [
        (one["path"].removeprefix("::"), one["name"], one["passes"], one["fails"])
        for one in group["checks"]
    ]
    return own + [one for inner in group["groups"] for one in checks_of(inner)]
