"""What a GitHub workflow is told: a page for its step, and an annotation for each failed threshold."""

from __future__ import annotations

import ast
import logging
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

from k6ws import _ui
from k6ws._result import Result
from k6ws._run.plain_text import ERRORS

logger = logging.getLogger("k6ws")

MOST_BYTES = 900 * 1024
"""Of a page: GitHub takes 1 MiB of all that a step says, or nothing."""
_MOST_ERRORS = 10
"""Annotations that GitHub shows of a step."""


class Place(NamedTuple):
    """Where a threshold is written."""

    file: str
    line: int


def tell(result: Result, script: Path | None, say: Callable[[str], object]) -> None:
    """Tell the workflow of a run that is over, where there is one.

    Args:
        result: Of the run.
        script: Its script, if that is a file; annotations then stand at its thresholds.
        say: Takes a line; of standard error, since standard output may be the script's or a file.
    """
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        _add(Path(page), result)
    if os.environ.get("GITHUB_ACTIONS"):
        for line in _errors(result, script):
            say(line)


def _add(page: Path, result: Result) -> None:
    """Go on below what the step has said before, another run of it perhaps."""
    try:
        with page.open("a+b") as file:
            room = max(MOST_BYTES - file.seek(0, os.SEEK_END), 0)
            text = _ui.render_markdown(result.to_dict(), title="k6ws", most_bytes=room)
            file.write((_end_of_line(file) + text).encode("utf-8", ERRORS))
    except OSError as error:
        logger.warning("GITHUB_STEP_SUMMARY cannot be written: %s", error.strerror or error)


def _end_of_line(file: IO[bytes]) -> str:
    """What makes the next text begin a line of its own."""
    if not file.tell():
        return ""
    file.seek(-1, os.SEEK_END)
    return "" if file.read(1) == b"\n" else "\n\n"


def _errors(result: Result, script: Path | None) -> list[str]:
    """A workflow command for each threshold that does not hold."""
    failed = [one for one in result.to_dict()["thresholds"] if not one["ok"]]
    if not failed:
        return []
    unit = str(result.to_dict()["options"].get("summaryTimeUnit") or "")
    places = _places(script) if script else {}
    lines: list[str] = []
    for one in failed[:_MOST_ERRORS]:
        seen = _ui.observed(one, unit)
        properties = {"title": f"threshold of {_ui.shown_name(one['metric'])}"}
        place = places.get((one["metric"], one["expression"]))
        if place:
            properties |= {"file": place.file, "line": str(place.line)}
        written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        said = _message(f"{one['expression']} does not hold: {seen}")
        lines.append(f"::error {written}::{said}")
    more = len(failed) - _MOST_ERRORS
    if more > 0:
        lines.append(f"::error title=thresholds::{more} more do not hold")
    return lines


def _places(script: Path) -> dict[tuple[str, str], Place]:
    """Where a script writes its thresholds, by metric and expression, as far as it writes them out."""
    try:
        with warnings.catch_warnings():
            # What Python has to say of it was said when it was loaded.
            warnings.simplefilter("ignore")
            tree = ast.parse(script.read_bytes())
        workspace = Path(os.environ.get("GITHUB_WORKSPACE") or ".")
        file = str(script.resolve().relative_to(workspace.resolve()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        # No file of Python, or none of this workspace: annotations can do without.
        return {}
    found: dict[tuple[str, str], Place] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    for inner in ast.walk(value):
                        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                            place = Place(file, inner.lineno)
                            found.setdefault((key.value, inner.value), place)
    return found


def harmless(text: str) -> str:
    """Text that is none of the runner's commands, whoever it is of; as it is where no runner reads it.

    The runner looks at the beginnings of lines for the one form, and anywhere for the older one.
    """
    if not os.environ.get("GITHUB_ACTIONS"):
        return text
    return _COMMAND.sub(lambda found: "# #[" if found[1] is None else f"{found[1]}: :", text)


_COMMAND = re.compile(r"((?:^|\r)[^\S\n]*)::|##\[", re.MULTILINE)


def _message(text: str) -> str:
    """As GitHub's commands want what stands behind the colons."""
    printable = _ui.printable(text)
    return printable.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As they want what stands before: commas and colons separate there."""
    return _message(text).replace(":", "%3A").replace(",", "%2C")
