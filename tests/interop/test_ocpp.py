"""The PyPI package `ocpp`, which is made for Python's `websockets`, runs on a session of k6ws.

The other side is the same package on `websockets`: charging stations against a central system.
"""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false, reportOptionalMemberAccess=false

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

import k6ws
from k6ws import ws
from support.loop_server import LoopServer

pytest.importorskip("ocpp", reason="PyPI ocpp is not installed")
pytest.importorskip("ocpp.v16")

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action, ClearCacheStatus, RegistrationStatus

BEATS = 20


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
        if self.beats == BEATS // 2:
            self.asking = asyncio.create_task(self.call(call.ClearCache()))
        return call_result.Heartbeat(current_time=datetime.now(UTC).isoformat())


class CentralSystem(LoopServer):
    """Speaks OCPP 1.6 with whoever connects."""

    def __init__(self) -> None:
        super().__init__()
        self.stations: list[Central] = []

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


class Station(ChargePoint):
    """The station that a user of the load test is."""

    @on(Action.clear_cache)
    async def clear(self) -> Any:
        return call_result.ClearCache(status=ClearCacheStatus.accepted)


def test_stations_boot_beat_and_answer() -> None:
    async def default() -> None:
        number = k6ws.execution.vu.id_in_test
        url = central.url(f"/ocpp/CP{number}")
        async with ws.aopen(url, subprotocols=["ocpp1.6"], recv_timeout=None) as session:
            assert session.subprotocol == "ocpp1.6"
            station = Station(f"CP{number}", session)
            listening = asyncio.create_task(station.start())
            boot = await station.call(
                call.BootNotification(charge_point_model="k6ws", charge_point_vendor="k6ws")
            )
            assert boot.status == RegistrationStatus.accepted
            for _ in range(BEATS):
                await station.call(call.Heartbeat())
            listening.cancel()

    with CentralSystem() as central:
        result = k6ws.run(default, vus=5, iterations=5)
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert sorted(one.id for one in central.stations) == [f"CP{number}" for number in range(1, 6)]
    assert [one.beats for one in central.stations] == [BEATS] * 5
    assert [one.asking.result().status for one in central.stations] == ["Accepted"] * 5
    assert result.metrics["ws_msgs_sent"].count == 5 * (1 + BEATS + 1)


def test_a_station_outside_of_runs_ends_with_its_central_system() -> None:
    async def main() -> None:
        url = central.url("/ocpp/CP1")
        async with ws.aopen(url, subprotocols=["ocpp1.6"], recv_timeout=None) as session:
            station = Station("CP1", session)
            listening = asyncio.create_task(station.start())
            await station.call(call.Heartbeat())
            await asyncio.wrap_future(
                asyncio.run_coroutine_threadsafe(
                    central.stations[0]._connection.close(1012, "restart"), central._loop
                )
            )
            with pytest.raises(k6ws.SessionClosed) as caught:
                await listening
            assert (caught.value.code, caught.value.reason) == (1012, "restart")

    with CentralSystem() as central:
        asyncio.run(main())
