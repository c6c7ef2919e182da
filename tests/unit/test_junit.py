"""JUnit XML: what common readers take, whatever the names are."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from k6ws._ui.junit import render_junit
from support.shown_runs import stands
from support.untyped import xmlschema

SCHEMA = Path(__file__).parents[1] / "support" / "junit.xsd"
CONTROLS = "".join(map(chr, range(32))) + "\x7f\x80\x9f"
NAMES = [
    "plain",
    "",
    " ",
    "a\"b'c<d>&e]]>",
    CONTROLS,
    "\ud800",
    "\ufffe\uffff",
    "😀é漢",
    "x" * 100_000,
]


def data(name: str) -> dict[str, Any]:
    """Of a run in which everything has this name and nothing went well."""
    [threshold] = stands("max", "<", 5, 7.5, ok=False).values()
    threshold |= {"margin": -2.5}
    return {
        "metrics": {
            f"own{{{name}}}": {
                "type": "trend",
                "contains": "time",
                "values": {"max": 7.5},
                "thresholds": {"max<5": threshold},
            },
        },
        "root_group": {
            "path": "",
            "checks": [],
            "groups": [
                {
                    "path": f"::{name}",
                    "checks": [
                        {"name": name, "path": f"::{name}::{name}", "passes": 3, "fails": 1}
                    ],
                    "groups": [],
                }
            ],
        },
        "run": {
            "exit_code": 107,
            "exceptions": [{"count": 2, "type": name, "message": name, "where": "", "hint": ""}],
            "scenarios": [
                {"name": name, "iterations": 4, "failed": 2, "interrupted": 0, "dropped": 1}
            ],
        },
        "state": {"testRunDurationMs": 1234.5},
    }


def cases(text: str) -> list[ET.Element]:
    return list(ET.fromstring(text).iter("testcase"))


@pytest.fixture(scope="module")
def schema() -> Any:
    return xmlschema.XMLSchema(SCHEMA)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:12]))
def test_readers_take_it_whatever_the_names_are(name: str, schema: Any) -> None:
    text = render_junit(data(name), name=name)
    schema.validate(text)
    assert len(cases(text)) == 4


def test_the_schema_refuses_what_is_none(schema: Any) -> None:
    text = render_junit(data("plain"))
    for old, new in (("testcase", "test"), (' name="max&lt;5"', ""), ('errors="0"', 'errors="no"')):
        assert old in text
        assert not schema.is_valid(text.replace(old, new))


def test_a_case_says_by_how_much() -> None:
    of_all = {case.attrib["name"]: case for case in cases(render_junit(data("plain")))}
    found = {
        name: {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
        for name, case in of_all.items()
    }
    assert found["max<5"] == {"value": "7.5", "limit": "5", "margin": "-2.5", "unit": "ms"}
    messages = [case.find("failure") for case in of_all.values()]
    assert [one.attrib["message"] for one in messages if one is not None] == [
        "exit code 107; 2 × plain: plain",
        "max<5: observed 7.5",
        # The scenario has the name of the check, and its case comes last.
        "iterations: 2 raised, 1 were dropped",
    ]


def test_control_characters_are_dropped_and_long_names_are_whole() -> None:
    [case] = [
        one for one in cases(render_junit(data("a\x00b\x1b[1m"))) if one.attrib["name"] == "ab[1m"
    ][:1]
    assert case.attrib["classname"] == "::ab[1m"
    long = "y" * 100_000
    assert any(one.attrib["name"] == long for one in cases(render_junit(data(long))))


def test_what_went_well_has_no_failure() -> None:
    fine: dict[str, Any] = {
        **data("plain"),
        "metrics": {},
        "root_group": {"checks": [], "groups": []},
        "run": {"exit_code": 0, "scenarios": [{"name": "s", "iterations": 1}]},
    }
    root = ET.fromstring(render_junit(fine))
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("2", "0", "0")
    assert root.attrib["time"] == "1.234"
