"""What the servers answer on paths that are no WebSocket endpoint.

`/status/NNN` answers with that status, `?body=N` makes the body N bytes long, `?cookie=a%3Db`
sets a cookie, `?location=…` adds a Location. Every other path is 404.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """A plain HTTP response."""

    status: HTTPStatus
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def answer(target: str) -> Answer:
    """The response to a request target such as `/status/503?body=2000`."""
    parts = urlsplit(target)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    _, _, wanted = parts.path.partition("/status/")
    status = HTTPStatus(int(wanted)) if wanted.isdigit() else HTTPStatus.NOT_FOUND
    body = b"b" * int(query["body"]) if "body" in query else f"{status.phrase}\n".encode()
    headers = [("Content-Type", "text/plain"), ("X-Served-By", "status")]
    if "cookie" in query:
        headers.append(("Set-Cookie", query["cookie"]))
    if "location" in query:
        headers.append(("Location", query["location"]))
    return Answer(status, body, headers)
