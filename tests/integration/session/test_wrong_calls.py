"""Calls that make no sense: an error that says what is wrong, in words of the script."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import pytest

import k6ws
from k6ws import _core, tcp, ws
from k6ws.correlate import in_order
from support.speaking import PLACES, Open, speak


@pytest.mark.parametrize("aopen", [ws.aopen, tcp.aopen])
def test_a_with_that_lacks_its_async_says_so_and_warns_of_nothing(aopen: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError, match="write `async with …aopen"), aopen("127.0.0.1"):
            raise AssertionError("it is not entered")
        gc.collect()


@pytest.mark.parametrize("place", PLACES)
def test_a_request_says_what_is_wrong_with_it(place: str, echo: _core.EchoServer) -> None:
    names: list[Any] = [None, 1, ["ask"], b"ask"]
    times: list[Any] = [10**400, 10**5000, -(10**400), float("inf"), float("nan")]

    async def body(open: Open) -> None:  # noqa: A002 - what scripts call it
        async with open(correlate=in_order()) as session:
            for name in names:
                for message in ("x", None):
                    with pytest.raises(TypeError, match="a request has a name"):
                        await session.request(message, name)
                with pytest.raises(TypeError, match="a request has a name"):
                    session.start("x", name)
            for timeout in times:
                with pytest.raises(k6ws.InvalidParameter, match="timeout is a number that is no"):
                    await session.request("x", "ask", timeout=timeout)
                with pytest.raises(k6ws.InvalidParameter, match="timeout is a number that is no"):
                    await session.recv(timeout=timeout)
            with pytest.raises(TypeError, match=r"request_all\(\) got .* 'timout': .* timeout,"):
                await session.request_all([("x", "ask")], timout="1s")
            with pytest.raises(TypeError, match=r"request_all\(\) got .* 'mny'"):
                await session.request_all([("x", "ask", {"mny": True})])
            # Nothing was sent.
            assert await session.request("y", "ask") == "y"

    speak(place, echo.url(), body)
