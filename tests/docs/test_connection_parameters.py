"""docs/reference/connection-parameters.md has the parameters that each API takes, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from k6ws import _params
from k6ws._params.compression import Compression

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "connection-parameters.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| ([✓–]) \| ([✓–]) \|", PAGE, re.MULTILINE)


def test_a_websocket_takes_what_the_page_says() -> None:
    assert {name for name, websocket, _ in ROWS if websocket == "✓"} == set(_params.WEBSOCKET)


def test_a_tcp_socket_takes_what_the_page_says() -> None:
    assert {name for name, _, tcp in ROWS if tcp == "✓"} == set(_params.TCP)


def test_a_parameter_stands_once_and_is_taken_by_somebody() -> None:
    assert len({name for name, *_ in ROWS}) == len(ROWS)
    assert [name for name, *who in ROWS if "✓" not in who] == []


def test_compression_takes_what_the_page_says() -> None:
    [section] = re.findall(r"^## Compression\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(Compression._fields)
