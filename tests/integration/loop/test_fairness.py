"""Connections share the loop: one that floods delays no other, and none takes another's place."""

from __future__ import annotations

import time

from k6ws import ws
from k6ws.websockets import WebSocket
from support import frames
from support.runs import run_once
from support.scripted import ScriptedServer, read_frame, read_to_end, send, upgrade

BATCH = 256
# Messages of a few bytes that fit the share of a round; the last round may go beyond a batch.
SHARE = 124
FLOOD = 900


def test_a_flood_waits_behind_a_message_of_a_quiet_peer() -> None:
    heard: list[str] = []
    flood = b"".join(frames.text("flood") for _ in range(FLOOD))
    # The flood is asked for first; the quiet one speaks while the first handler of the flood works.
    flooding = ScriptedServer([upgrade(), read_frame(), send(flood), read_to_end])
    quiet = ScriptedServer([upgrade(), read_frame(), send(frames.text("quiet")), read_to_end])
    with flooding, quiet:

        def default() -> None:
            loud, soft = WebSocket(flooding.url()), WebSocket(quiet.url())

            def begin() -> None:
                if {loud.ready_state, soft.ready_state} == {WebSocket.OPEN}:
                    loud.send("go")

            def message(event: object) -> None:
                heard.append(event.data)  # type: ignore[attr-defined]
                if len(heard) == 1:
                    # Written at once where the guardian looks after the sockets.
                    soft.send("go")
                    time.sleep(0.3)
                if len(heard) == FLOOD + 1:
                    loud.close()
                    soft.close()

            loud.onopen = soft.onopen = begin
            loud.onmessage = soft.onmessage = message

        run_once(default)
    # Behind what was handed out before it came, and a share of what was not.
    assert heard.count("flood") == FLOOD
    assert heard.index("quiet") <= BATCH + 2 * SHARE


def test_a_connection_that_has_ended_takes_no_room_of_one_that_is_opened_meanwhile() -> None:
    # Just below the bound of one connection, all of it and the end in one batch.
    large = frames.text("x" * 8600) * 120 + frames.close(1000)
    first = ScriptedServer([upgrade(), send(large), read_to_end])
    second = ScriptedServer([upgrade(), send(frames.text("y" * 20_000) * 5), read_to_end])
    got: list[int] = []
    nested: list[int] = []
    with first, second:

        def inner(socket: ws.Socket) -> None:
            @socket.on("message")
            def _(message: str) -> None:
                nested.append(len(message))
                if len(nested) == 5:
                    socket.close()

            socket.set_timeout(socket.close, 3000)

        def outer(socket: ws.Socket) -> None:
            # The guardian reads the rest, the Close included.
            socket.on("open", lambda: time.sleep(0.3))

            @socket.on("message")
            def _(message: str) -> None:
                got.append(len(message))
                if len(got) == 1:
                    # The rest is kept back meanwhile.
                    ws.connect(second.url(), inner)

        run_once(lambda: ws.connect(first.url(), outer))
    assert nested == [20_000] * 5
    assert got == [8600] * 120
