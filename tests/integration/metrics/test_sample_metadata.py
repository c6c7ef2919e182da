"""Whose a sample is: metadata of the outputs, as `systemTags` wants it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import _core, check, ws


@pytest.mark.parametrize("kind", ["default", "waits"])
@pytest.mark.parametrize("wanted", [["vu", "iter"], ["vu"], ["iter"], []])
def test_the_vu_and_its_iteration_are_metadata_and_no_tags(
    echo: _core.EchoServer, tmp_path: Path, wanted: list[str], kind: str
) -> None:
    def session(socket: ws.Socket) -> None:
        socket.on("open", lambda: socket.send("x"))
        socket.on("message", lambda _: socket.close())

    def default() -> None:
        check(1, {"one": lambda value: value == 1})
        ws.connect(echo.url(), session)

    async def waits() -> None:
        check(1, {"one": lambda value: value == 1})
        await ws.aconnect(echo.url(), session)

    lines, table = tmp_path / "samples.json", tmp_path / "samples.csv"
    functions: dict[str, Any] = {"default": default, "waits": waits}
    k6ws.run(
        functions[kind],
        scenarios={"s": {"executor": "per-vu-iterations", "vus": 2, "iterations": 1}},
        system_tags=["check", *wanted],
        out=[f"json={lines}", f"csv={table}"],
    )
    metrics = {"checks", "iterations", "data_sent", "ws_sessions", "ws_msgs_received", "ws_closes"}
    samples = [json.loads(line) for line in lines.read_text().splitlines()]
    points = [one for one in samples if one["type"] == "Point" and one["metric"] in metrics]
    assert {one["metric"] for one in points} == metrics
    known = {"vu": ["1", "2"], "iter": ["0"]}
    for metric in metrics:
        given = [one["data"].get("metadata", {}) for one in points if one["metric"] == metric]
        assert {frozenset(one) for one in given} == {frozenset(wanted)}, metric
        for name in wanted:
            assert sorted({one[name] for one in given}) == known[name], metric
        tags = [one["data"]["tags"] for one in points if one["metric"] == metric]
        assert not any({"vu", "iter"} & one.keys() for one in tags), metric
    rows = list(csv.DictReader(table.read_text().splitlines()))
    told = {row["metadata"] for row in rows if row["metric_name"] in metrics}
    parts = {"iter": ["iter=0"], "vu": ["vu=1", "vu=2"]}
    first, second = (parts[name] if name in wanted else [""] for name in ("iter", "vu"))
    assert told == {"&".join(filter(None, (a, b))) for a in first for b in second}
    # What belongs to no VU names none.
    assert {row["metadata"] for row in rows if row["metric_name"] == "vus"} <= {""}
