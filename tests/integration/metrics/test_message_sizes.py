"""R15: how long messages are, `ws_msg_size`: exact where a threshold names it, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import _core, framing, ws
from k6ws._ui import render_summary
from k6ws.websockets import WebSocket
from support.runs import run_once, total
from support.servers import WebsocketsServer

WORDS: list[str | bytes] = ["", "é" * 50, bytes(range(256)) * 300, "x" * 40_000]
SIZES = [0, 100, 76_800, 40_000]
"""How many bytes each has on the wire, but for what frames and compression do to it."""
FIGURES = ["count", "min", "max", "avg"]


def by_callbacks(url: str, **params: Any) -> None:
    """k6's `ws`."""
    came: list[object] = []

    def session(socket: ws.Socket) -> None:
        def arrived(message: object) -> None:
            came.append(message)
            if len(came) == len(WORDS):
                socket.close()

        def opened() -> None:
            for word in WORDS:
                if isinstance(word, str):
                    socket.send(word)
                else:
                    socket.send_binary(word)

        socket.on("message", arrived)
        socket.on("binaryMessage", arrived)
        socket.on("open", opened)

    ws.connect(url, session, **params)
    assert came == WORDS


def by_browser(url: str, **params: Any) -> None:
    """k6's `websockets`."""
    socket = WebSocket(url, **params)
    came: list[object] = []

    def opened(_event: object) -> None:
        for word in WORDS:
            socket.send(word)

    def arrived(event: Any) -> None:
        came.append(event.data)
        if len(came) == len(WORDS):
            socket.close()

    socket.binary_type = "arraybuffer"
    socket.onopen, socket.onmessage = opened, arrived


def by_session(url: str, **params: Any) -> None:
    with ws.open(url, **params) as session:
        for word in WORDS:
            session.send(word)
        assert [session.recv() for _ in WORDS] == WORDS


FACES = [by_callbacks, by_browser, by_session]


def spread(result: k6ws.Result, **tags: str | None) -> dict[str, float]:
    """The figures of the one series that has these tags; `None` for none of that name."""
    [values] = [
        values
        for known, values in result.series("ws_msg_size")
        if all(known.get(tag) == value for tag, value in tags.items())
    ]
    return {figure: values[figure] for figure in FIGURES}


def expected(*sizes: int) -> dict[str, Any]:
    average = pytest.approx(sum(sizes) / len(sizes))
    return {"count": len(sizes), "min": min(sizes), "max": max(sizes), "avg": average}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_sizes_are_those_that_the_script_has_in_both_directions(
    face: Callable[..., None], is_compressed: bool
) -> None:
    params = {"compression": "deflate"} if is_compressed else {}
    with WebsocketsServer(compression=True) as server:
        result = run_once(
            lambda: face(server.url("/ws-echo-multi"), **params),
            thresholds={"ws_msg_size": ["max==76800"], "ws_msg_size{direction:sent}": ["min==0"]},
            summary_trend_stats=FIGURES,
        )
    for direction in ("sent", "received"):
        assert spread(result, direction=direction) == expected(*SIZES)
        assert total(result, f"ws_msgs_{direction}") == len(WORDS)
    assert result.metrics["ws_msg_size"]["count"] == 2 * len(WORDS)
    assert result.metrics["ws_msg_size{direction:sent}"]["count"] == len(WORDS)
    if is_compressed:
        assert result.metrics["data_sent"].count < sum(SIZES) / 10


@pytest.mark.parametrize("face", FACES)
def test_who_does_not_ask_has_none(
    face: Callable[..., None], echo: _core.EchoServer, tmp_path: Path
) -> None:
    def samples(name: str, limits: dict[str, list[str]]) -> list[Any]:
        path = tmp_path / name
        run_once(lambda: face(echo.url()), thresholds=limits, out=f"json={path}")
        lines = map(json.loads, path.read_text().splitlines())
        return [
            line["data"]["value"]
            for line in lines
            if line["type"] == "Point" and line["metric"] == "ws_msg_size"
        ]

    assert sorted(samples("asked", {"ws_msg_size{direction:sent}": []})) == sorted(2 * SIZES)
    assert samples("silent", {"ws_msgs_sent": ["count==4"]}) == []


def test_an_empty_list_shows_it_in_bytes_and_its_part_below(echo: _core.EchoServer) -> None:
    result = run_once(
        lambda: by_session(echo.url()),
        thresholds={"ws_msg_size": [], "ws_msg_size{direction:received}": []},
        summary_trend_stats=["max"],
    )
    assert result.to_dict()["metrics"]["ws_msg_size"]["contains"] == "data"
    text = render_summary(result.to_dict(), width=120, color=False)
    [whole, part] = [
        line.split() for line in text.splitlines() if "ws_msg_size" in line or "direction" in line
    ]
    assert (whole[-2:], part[-2:]) == (["max=77", "kB"], ["max=77", "kB"])


def test_what_rules_take_and_answer_has_their_tag(echo: _core.EchoServer) -> None:
    """Also where a function of the script has a say, so that the core cannot tell at once who takes it."""

    def default() -> None:
        with ws.open(echo.url()) as session:
            session.auto_reply("ask", "answers")
            session.ignore(lambda message: message == "answers")
            for message in ("ask", "mine"):
                session.send(message)
            assert session.recv() == "mine"
            session.send("end")
            assert session.recv() == "end"

    result = run_once(default, thresholds={"ws_msg_size": []}, summary_trend_stats=FIGURES)
    assert spread(result, direction="sent", rule=None) == expected(3, 4, 3)
    assert spread(result, direction="sent", rule="auto") == expected(7)
    assert spread(result, direction="received", rule="auto") == expected(3)
    assert spread(result, direction="received", rule="ignore") == expected(7)
    assert spread(result, direction="received", rule=None) == expected(4, 3)


def test_with_a_framing_it_is_the_message_that_the_frames_lie_in(echo: _core.EchoServer) -> None:
    def default() -> None:
        with ws.open(echo.url(), framing=framing.lines()) as session:
            session.send("abc")
            assert session.recv() == "abc"

    result = run_once(default, thresholds={"ws_msg_size": []}, summary_trend_stats=FIGURES)
    for direction in ("sent", "received"):
        assert spread(result, direction=direction) == expected(len("abc\n"))


def test_a_metric_of_the_script_of_that_name_asks_for_nothing(
    echo: _core.EchoServer, tmp_path: Path
) -> None:
    """A script, because the metrics of a program are those of all its runs."""
    script = tmp_path / "script.py"
    script.write_text(
        "from k6ws import ws\n"
        "from k6ws.metrics import Trend\n"
        "own = Trend('ws_msg_size')\n"
        "def default():\n"
        f"    with ws.open({echo.url()!r}) as session:\n"
        "        session.send('abc')\n"
        "        session.recv()\n"
        "    own.add(5)\n"
    )
    result = k6ws.run(script, thresholds={"ws_msg_size": ["min==5"]})
    assert (result.exit_code, "k6ws_ws_msg_size" in result.metrics) == (0, False)
    result = k6ws.run(script, thresholds={"ws_msg_size": [], "k6ws_ws_msg_size": ["max==3"]})
    assert (result.exit_code, result.metrics["ws_msg_size"].min) == (0, 5)
