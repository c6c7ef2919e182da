"""A central system of OCPP 1.6: PyPI `ocpp` on `websockets`. It also asks, with an id of its own."""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportUntypedFunctionDecorator=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action, RegistrationStatus
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from support.counting import over_websocket

COUNTED: Counter[str] = Counter(boots=0, beats=0, values=0, cleared=0)


class Station(ChargePoint):
    """One station as the central system sees it."""

    @on(Action.boot_notification)
    async def boot(self, **_: Any) -> Any:
        """Accept it."""
        COUNTED["boots"] += 1
        now = datetime.now(UTC).isoformat()
        status = RegistrationStatus.accepted
        return call_result.BootNotification(current_time=now, interval=10, status=status)

    @after(Action.boot_notification)
    async def ask(self, **_: Any) -> None:
        """Ask the station in turn, with the id that it uses as well."""
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            answer: Any = await self.call(call.ClearCache(), unique_id="1")
            COUNTED["cleared"] += answer.status == "Accepted"

    @on(Action.heartbeat)
    async def beat(self) -> Any:
        """Tell the time."""
        COUNTED["beats"] += 1
        return call_result.Heartbeat(current_time=datetime.now(UTC).isoformat())

    @on(Action.meter_values)
    async def take(self, **_: Any) -> Any:
        """Take what was measured."""
        COUNTED["values"] += 1
        return call_result.MeterValues()


async def talk(connection: ServerConnection) -> None:
    """Speak with a station until it leaves."""
    assert connection.request is not None
    await Station(connection.request.path.rpartition("/")[2], connection).start()


over_websocket(talk, COUNTED, "ocpp1.6")
