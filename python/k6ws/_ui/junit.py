"""The summary as JUnit XML, which CI systems show: a case for each check and for each threshold."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["render_junit"]


def render_junit(data: Mapping[str, Any], *, name: str = "k6ws") -> str:
    """Draw the checks and thresholds of `handle_summary` data as a JUnit report.

    Args:
        data: what `handle_summary` receives.
        name: of the whole report.
    """
    state: Mapping[str, Any] = data.get("state") or {}
    seconds = float(state.get("testRunDurationMs", 0)) / 1000
    root = ET.Element("testsuites", {"name": _legal(name), "time": f"{seconds:.3f}"})
    metrics: Mapping[str, Any] = data.get("metrics") or {}
    run: Mapping[str, Any] = data.get("run") or {}
    _suite(root, "run", list(_run(run)))
    _suite(root, "thresholds", list(_thresholds(metrics)))
    _suite(root, "checks", list(_checks(data.get("root_group") or {})))
    for what in ("tests", "failures"):
        root.set(what, str(sum(int(suite.get(what, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, cases: list[tuple[str, str, str | None]]) -> None:
    if not cases:
        return
    failures = sum(failure is not None for *_, failure in cases)
    attributes = {"name": name, "tests": str(len(cases)), "failures": str(failures)}
    suite = ET.SubElement(root, "testsuite", attributes)
    for group, case, failure in cases:
        names = {"classname": _legal(group), "name": _legal(case)}
        element = ET.SubElement(suite, "testcase", names)
        if failure is not None:
            ET.SubElement(element, "failure", {"message": _legal(failure)})


def _run(run: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Whether the run itself went well: a report without thresholds must not be green when it did not."""
    code = run.get("exit_code")
    if code is not None:
        failure = f"exit code {code}" if code not in {0, _CROSSED} else None
        for one in run.get("exceptions") or () if failure else ():
            failure = f"{failure}; {one['count']} × {one['type']}: {one['message']}"
        yield "run", "went to its end", failure


def _thresholds(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    for metric in sorted(metrics):
        verdicts: Mapping[str, Any] = metrics[metric].get("thresholds") or {}
        for expression, verdict in verdicts.items():
            value = verdict.get("value")
            observed = "no data" if value is None and "value" in verdict else f"observed {value}"
            yield metric, expression, None if verdict["ok"] else f"{expression}: {observed}"


def _checks(group: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    for check in group.get("checks") or ():
        total = check["passes"] + check["fails"]
        failure = f"{check['fails']} of {total} failed" if check["fails"] else None
        yield str(group.get("path") or "checks"), str(check["name"]), failure
    for inner in group.get("groups") or ():
        yield from _checks(inner)


def _legal(text: str) -> str:
    """The text without what XML 1.0 has no way to say."""
    return _ILLEGAL.sub("\ufffd", text)


# Failed thresholds have cases of their own.
_CROSSED = 99
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
