"""A central system of OCPP 1.6: PyPI `ocpp` on `websockets`, with an asyncio loop of its own."""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# pyright: reportUntypedFunctionDecorator=false

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from support.journal import PATIENCE_S
from support.loop_server import LoopServer

ASKS_AT = 2
"""The heartbeat at which it asks the station something."""


class Central(ChargePoint):
    """One station as the central system sees it: it also asks, with ids of its own."""

    beats = 0

    @on(Action.boot_notification)
    async def boot(self, **_: Any) -> Any:
        return call_result.BootNotification(
            current_time=datetime.now(UTC).isoformat(),
            interval=10,
            status=RegistrationStatus.accepted,
        )

    @on(Action.heartbeat)
    async def beat(self) -> Any:
        self.beats += 1
        if self.beats == ASKS_AT:
            self.asking = asyncio.create_task(self.call(call.ClearCache()))
        return call_result.Heartbeat(current_time=datetime.now(UTC).isoformat())


class CentralSystem(LoopServer):
    """Speaks OCPP 1.6 with whoever connects."""

    def __init__(self) -> None:
        super().__init__()
        self.stations: list[Central] = []

    def answers(self) -> list[Any]:
        """What each station has answered when it was asked, in the order of their connections."""
        asked = [asyncio.wait_for(one.asking, PATIENCE_S) for one in self.stations]
        return [
            asyncio.run_coroutine_threadsafe(one, self._loop).result(PATIENCE_S) for one in asked
        ]

    async def start(self) -> int:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]
        )
        return next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        station = Central(connection.request.path.rpartition("/")[2], connection)
        self.journal.change(lambda: self.stations.append(station))
        with contextlib.suppress(ConnectionClosed):
            await station.start()
