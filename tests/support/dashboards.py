"""`k6ws run --dashboard` with a page that stands in for the built one, and one who looks at it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_S = 60
PAGE = """<!doctype html><html><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; connect-src 'none'">
<title>stands in</title></head><body>
<script type="application/json" id="data"></script></body></html>
"""
# As the command line begins, with another page than the one that may have been built.
_START = """
import sys
from pathlib import Path
from k6ws import _page
from k6ws._cli.main import entry
_page.PAGE = Path(sys.argv.pop(1))
entry()
"""


class Event(NamedTuple):
    """Something that the page is told."""

    name: str
    data: dict[str, Any]


def command(folder: Path) -> list[str]:
    """What to put before the words of `k6ws`, so that it finds the page that stands in."""
    page = folder / "page.html"
    page.write_text(PAGE)
    return [sys.executable, "-c", _START, str(page)]


def start(
    folder: Path, *words: str | Path, variables: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start `k6ws` with these words."""
    return subprocess.Popen(
        [*command(folder), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1", **(variables or {})},
    )


def url(process: subprocess.Popen[str]) -> str:
    """The URL that it prints first."""
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.fullmatch(r"dashboard: (http://\S+)\n", line)
    assert found, line + process.stderr.read()
    return found[1]


def ask(
    at: str, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> HTTPResponse:
    """Ask for something where the dashboard is."""
    place = urlsplit(at)
    assert place.hostname is not None
    connection = HTTPConnection(place.hostname, place.port, timeout=TIMEOUT_S)
    connection.request(method, path, headers=headers or {})
    return connection.getresponse()


def events(at: str, token: str | None = None) -> Iterator[Event]:
    """What somebody is told who looks, until nothing follows."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = ask(at, "/events", headers=headers)
    assert response.status == 200, response.read()
    name = ""
    for line in response:
        kind, _, text = line.decode().rstrip("\n").partition(": ")
        if kind == "event":
            name = text
        elif kind == "data":
            yield Event(name, json.loads(text))
