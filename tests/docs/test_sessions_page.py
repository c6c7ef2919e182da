"""docs/reference/sessions.md has the parameters of sessions, and what can be called on one."""

from __future__ import annotations

import re
from pathlib import Path

from k6ws import tcp, ws
from k6ws._conversation import parameters

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "sessions.md").read_text()


def test_the_parameters_are_those_that_are_read() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([✓–]) \| ([✓–]) \|", PAGE, re.MULTILINE)
    assert {name for name, of_ws, _ in rows if of_ws == "✓"} == set(parameters.WEBSOCKET_NAMES)
    assert {name for name, _, of_tcp in rows if of_tcp == "✓"} == set(parameters.TCP_NAMES)


def test_what_can_be_called_is_there() -> None:
    [section] = re.findall(r"^## Speaking\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    told = set(re.findall(r"^\| `(\w+)(?:\(|` \|)", section, re.MULTILINE))
    public = {name for one in (ws.Session, tcp.Session) for name in dir(one) if name[0] != "_"}
    assert told == public - {"response", "subprotocol", "endpoints"}
