"""One run of everything, told in every way that there is."""

from __future__ import annotations

import json
import textwrap
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import k6ws as library
from k6ws import _core
from support.command import Done, k6ws

SCRIPT = """
    from k6ws import check, env, execution, group, tcp, ws
    from k6ws.correlate import in_order
    from k6ws.errors import K6Error
    from k6ws.framing import lines
    from k6ws.metrics import Counter, Gauge, Rate, Trend

    own, sizes, depth = Trend("own", is_time=True), Trend("sizes"), Gauge("depth")
    share, words = Rate("share"), Counter("words")
    options = {
        "scenarios": {
            "talk": {"executor": "shared-iterations", "vus": 3, "iterations": 24, "exec": "talk"},
            "lines": {"executor": "per-vu-iterations", "vus": 2, "iterations": 5, "exec": "lines_of_text"},
            "fail": {"executor": "per-vu-iterations", "vus": 1, "iterations": 2, "exec": "fail"},
        },
        "thresholds": {
            "ws_req_duration{name:say}": ["p(95)<5000", "max<0.0001"],
            "tcp_req_duration": ["med<5000"],
            "own": ["avg<1", "p(99.9)<100"],
            "sizes": ["max<=23"],
            "depth": ["value>=0"],
            "share": ["rate>0.2"],
            "words": ["count>40", "rate>1000000"],
            "data_sent": ["count>10"],
            "checks": ["rate>0.99"],
            "ws_ping": ["p(95)<100"],
            "own{kind:odd}": ["max<1000"],
            "words{scenario:talk}": ["count<40 over 10s"],
            "depth{scenario:talk}": ["value>=0"],
            "share{scenario:talk}": ["rate<=1"],
            "ws_req_failed{name:wrong,error:check}": ["rate<0.1"],
        },
        "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)", "count"],
    }


    def talk():
        number = execution.scenario.iteration_in_test
        with ws.open(env["URL"], correlate=in_order()) as session:
            for name in ("say", "sing"):
                session.request(f"{name} {number}", name)
            try:
                session.request("no", "wrong", check=lambda reply: False)
            except K6Error:
                pass
        if number < 5:
            ws.connect(f"{env['URL']}close/4001", lambda socket: None)
        if number < 3:
            ws.connect(f"{env['URL']}status/403", lambda socket: None)
        is_even = number % 2 == 0
        group("outer", lambda: group("inner", lambda: check(number, {"is even": is_even})))
        check(number, {"is small": lambda n: n < 20, "is a | number": True})
        own.add(number / 7, {"kind": "even" if is_even else "odd"})
        sizes.add(number)
        depth.add(number)
        share.add(number % 3 == 0)
        words.add(2)


    def lines_of_text():
        with tcp.open("127.0.0.1", int(env["PORT"]), framing=lines(), correlate=in_order()) as session:
            session.request("hello", "greet")
            session.request("bye", "leave")


    def fail():
        ws.connect("ws://127.0.0.1:9/nobody", lambda socket: None)
        raise ValueError("on purpose")
"""


@dataclass
class Told:
    """What the ways said."""

    result: library.Result
    report: Done
    export: dict[str, Any]
    junit: ET.Element
    page: str
    """Of the step of a workflow."""
    shown: dict[str, Any]
    """What our own page has of it, beside what came when."""


def told_in(folder: Path) -> Told:
    """Run it, with its files in this folder."""
    script, kept = folder / "script.py", folder / "run.k6ws"
    script.write_text(textwrap.dedent(SCRIPT))
    echo, tcp = _core.EchoServer("127.0.0.1", 0), _core.EchoServer("127.0.0.1", 0, None, "tcp")
    port = tcp.url().rstrip("/").rpartition(":")[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("URL", echo.url())
        patch.setenv("PORT", port)
        result = library.run(script, out=[f"snapshots={kept}"])
    echo.stop()
    tcp.stop()
    export, junit, page = folder / "run.json", folder / "run.xml", folder / "page.md"
    words = ("--summary-export", export, "--junit", junit)
    report = k6ws("report", kept, *words, variables={"GITHUB_STEP_SUMMARY": str(page)})
    return Told(
        result,
        report,
        json.loads(export.read_text()),
        ET.fromstring(junit.read_text()),
        page.read_text(),
        json.loads(_core.read_snapshots([kept]).page()),
    )


def cases(told: Told, suite: str) -> dict[tuple[str, str], tuple[bool, dict[str, str]]]:
    """Of each case whether it passed, and its properties."""
    found = told.junit.find(f"testsuite[@name='{suite}']")
    assert found is not None
    return {
        (case.attrib["classname"], case.attrib["name"]): (
            case.find("failure") is None,
            {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")},
        )
        for case in found.iter("testcase")
    }
