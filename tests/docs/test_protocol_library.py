"""The scripts of docs/how-to/protocol-library.md run, against a central system that nobody here wrote."""

# The package has no types.
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

import k6ws
from k6ws import ws

pytest.importorskip("ocpp.v16", reason="PyPI ocpp is not installed")

from ocpp.v16 import call

from support.central_system import CentralSystem

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "protocol-library.md").read_text()
SCRIPTS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BEATS = 5


def ran(script: str, central: CentralSystem, folder: Path) -> k6ws.Result:
    """What a script of the page comes to."""
    file = folder / "script.py"
    file.write_text(script.replace("127.0.0.1:9000", f"127.0.0.1:{central.port}"))
    result = k6ws.run(file)
    assert (result.exceptions, result.exit_code) == ([], 0)
    assert [one.beats for one in central.stations] == [BEATS] * 3
    assert [answer.status for answer in central.answers()] == ["Accepted"] * 3
    return result


def test_the_page_has_its_scripts() -> None:
    assert len(SCRIPTS) == 3


def test_a_library_runs_on_a_session(tmp_path: Path) -> None:
    with CentralSystem() as central:
        result = ran(SCRIPTS[0], central, tmp_path)
    assert result.metrics["ws_msgs_sent"].count == 3 * (1 + BEATS + 1)
    assert "ws_reqs" not in result.metrics


def test_its_calls_are_timed_at_the_wire(tmp_path: Path) -> None:
    with CentralSystem() as central:
        result = ran(SCRIPTS[1], central, tmp_path)
    assert result.metrics["ws_reqs"].count == 3 * (1 + BEATS)


def test_it_is_a_codec(tmp_path: Path) -> None:
    with CentralSystem() as central:
        result = ran(SCRIPTS[2], central, tmp_path)
    assert result.metrics["ws_reqs"].count == 3 * BEATS


def test_a_timed_call_fails_at_once_when_the_connection_ends() -> None:
    async def hang_up(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(1012, "restart")

    names: dict[str, Any] = {}
    exec(SCRIPTS[1], names)

    async def main() -> None:
        async with serve(hang_up, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            url, known = f"ws://127.0.0.1:{port}/", names["RESULTS"]
            async with ws.aopen(url, recv_timeout=None, correlate=known) as session:
                station = names["Station"]("CP1", session)
                listening = asyncio.create_task(station.start())
                with pytest.raises(k6ws.RequestFailed, match="closed"):
                    await station.call(call.Heartbeat())
                with pytest.raises(k6ws.SessionClosed, match="1012"):
                    await listening

    asyncio.run(main())
