"""The PyPI package `ocpp`, which is made for Python's `websockets`, runs on a session of k6ws.

The other side is the same package on `websockets`: charging stations against a central system.
"""

# The package has no types.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false, reportOptionalMemberAccess=false

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import k6ws
from k6ws import ws

pytest.importorskip("ocpp", reason="PyPI ocpp is not installed")
pytest.importorskip("ocpp.v16")

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action, ClearCacheStatus, RegistrationStatus

from support.central_system import CentralSystem

BEATS = 20


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
        assert [answer.status for answer in central.answers()] == ["Accepted"] * 5
    assert [(one.type, one.message) for one in result.exceptions] == []
    assert sorted(one.id for one in central.stations) == [f"CP{number}" for number in range(1, 6)]
    assert [one.beats for one in central.stations] == [BEATS] * 5
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
