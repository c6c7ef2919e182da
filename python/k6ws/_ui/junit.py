"""The summary as JUnit XML, which CI systems show: a case for each threshold, check and scenario.

What JUnit has no place for (value, limit and margin of a threshold, counts of checks and iterations) stands
in properties of the case, as pytest and others write them.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .conditions import observed
from .tables import scenarios_of

__all__ = ["render_junit"]


@dataclass(frozen=True, slots=True)
class _Case:
    group: str
    name: str
    failure: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])


def render_junit(data: Mapping[str, Any], *, name: str = "k6ws") -> str:
    """Draw thresholds, checks and scenarios as a JUnit report.

    Args:
        data: what `handle_summary` receives, or a document.
        name: of the whole report.
    """
    state: Mapping[str, Any] = data.get("state") or {}
    seconds = float(state.get("testRunDurationMs", 0)) / 1000
    root = ET.Element("testsuites", {"name": _legal(name), "time": f"{seconds:.3f}"})
    for suite, cases in (
        ("run", _run(data.get("run") or {})),
        ("thresholds", _thresholds(data.get("metrics") or {})),
        ("checks", _checks(data.get("root_group") or {})),
        ("scenarios", _scenarios(data)),
    ):
        _suite(root, suite, list(cases))
    for what in ("tests", "failures", "errors"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, cases: list[_Case]) -> None:
    if not cases:
        return
    failures = sum(case.failure is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    suite = ET.SubElement(root, "testsuite", {"name": name, **counts})
    for case in cases:
        names = {"classname": _legal(case.group) or "–", "name": _legal(case.name) or "–"}
        element = ET.SubElement(suite, "testcase", names)
        if case.properties:
            properties = ET.SubElement(element, "properties")
            for key, value in case.properties.items():
                ET.SubElement(properties, "property", {"name": key, "value": _legal(_text(value))})
        if case.failure is not None:
            ET.SubElement(element, "failure", {"message": _legal(case.failure), "type": name})


def _run(run: Mapping[str, Any]) -> Iterator[_Case]:
    """Whether the run itself went well: a report without thresholds must not be green when it did not."""
    code = run.get("exit_code")
    if code is not None:
        failure = f"exit code {code}" if code not in {0, _CROSSED} else None
        if failure:
            said = [
                *[
                    f"{one['count']} × {one['type']}: {one['message']}"
                    for one in run.get("exceptions") or ()
                ],
                *(run.get("reasons") or ()),
            ]
            failure = "; ".join([failure, *said])
        yield _Case("run", "went to its end", failure)


def _thresholds(metrics: Mapping[str, Any]) -> Iterator[_Case]:
    for metric in sorted(metrics):
        verdicts: Mapping[str, Any] = metrics[metric].get("thresholds") or {}
        for expression, verdict in verdicts.items():
            value = verdict["value"]
            seen = observed(verdict) if value is None else f"observed {value}"
            properties = {key: verdict[key] for key in _OF_A_THRESHOLD}
            failure = None if verdict["ok"] else f"{expression}: {seen}"
            yield _Case(metric, expression, failure, properties)


def _checks(group: Mapping[str, Any]) -> Iterator[_Case]:
    for check in group.get("checks") or ():
        total = check["passes"] + check["fails"]
        failure = f"{check['fails']} of {total} failed" if check["fails"] else None
        counts = {key: check[key] for key in ("passes", "fails")}
        yield _Case(str(group.get("path") or "checks"), str(check["name"]), failure, counts)
    inner_groups: Iterable[Mapping[str, Any]] = group.get("groups") or ()
    for inner in inner_groups:
        yield from _checks(inner)


def _scenarios(data: Mapping[str, Any]) -> Iterator[_Case]:
    for one in scenarios_of(data):
        counts = {key: one.get(key, 0) for key in ("iterations", *_BAD)}
        bad = [f"{counts[key]} {what}" for key, what in _BAD.items() if counts[key]]
        failure = f"iterations: {', '.join(bad)}" if bad else None
        yield _Case("scenarios", str(one["name"]), failure, counts)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _legal(text: str) -> str:
    """The text without what XML 1.0 has no way to say."""
    return _ILLEGAL.sub("", text)


# Failed thresholds have cases of their own.
_CROSSED = 99
_OF_A_THRESHOLD = ("value", "limit", "margin", "unit")
_BAD = {"failed": "raised", "interrupted": "were interrupted", "dropped": "were dropped"}
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
