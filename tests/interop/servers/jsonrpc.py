"""JSON-RPC 2.0: the PyPI packages `jsonrpcserver` and `websockets`."""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# pyright: reportUntypedFunctionDecorator=false, reportArgumentType=false

from __future__ import annotations

from collections import Counter
from typing import Any

from jsonrpcserver import Success, async_dispatch, method
from websockets.asyncio.server import ServerConnection

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(connections=0, calls=0)


@method
async def add(first: int, second: int) -> Any:
    """Add two numbers."""
    COUNTED["calls"] += 1
    return Success(first + second)


async def talk(connection: ServerConnection) -> None:
    """Answer what one client asks."""
    COUNTED["connections"] += 1
    async for message in connection:
        if answer := await async_dispatch(str(message)):
            await connection.send(answer)


over_websocket(talk, COUNTED)
