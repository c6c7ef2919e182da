"""Every cause of a failed connection stands in a test that produces it; the last one here."""

from __future__ import annotations

import re
from pathlib import Path

from k6ws import ws
from support.runs import run_once

TESTS = Path(__file__).parents[2]


def test_every_cause_has_a_test() -> None:
    source = (TESTS.parent / "src" / "socket" / "error.rs").read_text()
    causes = re.findall(r'Cause::\w+ => "(\w+)"', source)
    assert len(causes) > 20
    texts = [path.read_text() for path in TESTS.glob("integration/**/test_*.py")]
    assert [one for one in causes if not any(f'"{one}"' in text for text in texts)] == []


def test_what_the_system_forbids_is_told_in_its_words() -> None:
    answers: list[ws.Response] = []
    # A stream to everybody: refused by the kernel before anything is sent.
    result = run_once(
        lambda: answers.append(ws.connect("ws://255.255.255.255:9/", lambda socket: None))
    )
    [(tags, _)] = result.series("ws_connect_failed")
    assert tags["error"] in {"io", "unreachable"}
    assert "255.255.255.255:9" in answers[0].error
