"""The WebSocket endpoints every echo server offers, whichever library it is built on.

Each endpoint is a short program over `Connection`, so the two servers differ only in the library
that speaks the protocol.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Connection(Protocol):
    """What an endpoint may do with an accepted WebSocket."""

    async def receive(self) -> str | bytes | None:
        """The next data message, None when the connection is over. Pings are answered meanwhile."""
        ...

    async def send(self, message: str | bytes) -> None:
        """Send one data message."""
        ...

    async def ping(self) -> None:
        """Send a ping; its pong is not waited for."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Send a Close frame and close TCP."""
        ...

    def drop(self) -> None:
        """Close TCP without a Close frame."""
        ...


Endpoint = Callable[[Connection], Awaitable[None]]


async def _echo_first(connection: Connection) -> None:
    first = await connection.receive()
    if first is not None:
        await connection.send(first)
    while await connection.receive() is not None:
        pass


async def _echo_first_then_drop(connection: Connection) -> None:
    first = await connection.receive()
    if first is not None:
        await connection.send(first)
    connection.drop()


async def _echo_every(connection: Connection) -> None:
    while (message := await connection.receive()) is not None:
        await connection.send(message)


async def _ping_and_echo_every(connection: Connection) -> None:
    await connection.ping()
    await _echo_every(connection)


async def _listen(connection: Connection) -> None:
    while await connection.receive() is not None:
        pass


def _room() -> Endpoint:
    """What one says, the others hear."""
    members: set[Connection] = set()

    async def join(connection: Connection) -> None:
        members.add(connection)
        try:
            while (message := await connection.receive()) is not None:
                for member in members - {connection}:
                    await member.send(message)
        finally:
            members.discard(connection)

    return join


async def _push(connection: Connection) -> None:
    """Speak first, without being asked."""
    for number in range(10):
        await connection.send(str(number))
    while await connection.receive() is not None:
        pass


def _close_with(code: int, reason: str = "") -> Endpoint:
    async def close_at_once(connection: Connection) -> None:
        await connection.close(code, reason)

    return close_at_once


ENDPOINTS: dict[str, Endpoint] = {
    "/ws-echo": _echo_first,
    "/ws-echo-multi": _echo_every,
    "/ws-ping-echo": _ping_and_echo_every,
    "/ws-echo-invalid": _echo_first_then_drop,
    "/ws-close-invalid": _echo_first_then_drop,
    "/ws-close": _close_with(1000),
    "/ws-close-1001": _close_with(1001),
    "/ws-close-1011": _close_with(1011, "out of order"),
    "/ws-close-reason": _close_with(1001, "closed by server"),
    "/ws-close-4001": _close_with(4001, "own code"),
    "/ws-room": _room(),
    "/ws-push": _push,
    "/ws-listen": _listen,
    "/ws-cookie": _echo_every,
}

COOKIE_ENDPOINT = "/ws-cookie"
COOKIE = "flavour=oat; Path=/"


def upgrade_headers(path: str, user_agent: str | None) -> list[tuple[str, str]]:
    """Headers added to the answer that accepts the upgrade."""
    headers = [("Echo-User-Agent", user_agent or "")]
    headers += [("X-Twice", "one"), ("X-Twice", "two")]
    if path == COOKIE_ENDPOINT:
        headers.append(("Set-Cookie", COOKIE))
    return headers
