"""Whether each licence is one of those allowed: SPDX expressions, evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from .parts import Part
from .policy import Policy


def findings(parts: Iterable[Part], policy: Policy) -> list[str]:
    """The parts that may not be used under any licence they offer."""
    found: list[str] = []
    for part in parts:
        extra = {licence for name, licence in policy.exceptions if name == part.name}
        allowed = policy.licences | extra
        if not permits(part.licence, allowed.__contains__):
            found.append(f"{part.url}: {part.licence or 'no licence'}")
    return found


def permits(expression: str, is_allowed: Callable[[str], bool]) -> bool:
    """Whether one may choose only licences that are allowed. What cannot be read permits nothing."""
    # Cargo's old form of OR.
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def any_of() -> bool:
        held = all_of()
        while words[:1] == ["OR"]:
            words.pop(0)
            held = all_of() or held
        return held

    def all_of() -> bool:
        held = one()
        while words[:1] == ["AND"]:
            words.pop(0)
            held = one() and held
        return held

    def one() -> bool:
        word = words.pop(0)
        if word == "(":
            held = any_of()
            if words.pop(0) != ")":
                raise IndexError
            return held
        if words[:1] == ["WITH"]:
            word = f"{word} WITH {words[1]}"
            del words[:2]
        return is_allowed(word)

    try:
        return any_of() and not words
    except IndexError:
        return False
