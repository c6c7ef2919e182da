"""Good and failing calls on one WebSocket in any order: what the good ones do is all that happens.

A failure prints its seed; ``K6WS_SEED`` repeats it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
from collections.abc import Callable

import pytest

import k6ws
from k6ws._loop import current
from k6ws.websockets import WebSocket
from support.journal import PATIENCE_S
from support.runs import total
from support.servers import WebsocketsServer
from support.styles import STYLES, in_style

STEPS = 150


class Model:
    """One socket, and what it must have done."""

    def __init__(self, socket: WebSocket, dice: random.Random) -> None:
        self.socket, self.dice = socket, dice
        self.sent: list[str] = []
        self.got: list[str] = []
        self.left = STEPS

    def step(self) -> None:
        """Make a few calls that fail, then a good one, or the last."""
        for _ in range(self.dice.randrange(4)):
            with pytest.raises((k6ws.K6Error, TypeError)):
                self.dice.choice(self.failing)()
        if self.left == 0:
            self.socket.close()
            return
        self.left -= 1
        self.sent.append(f"{self.left}")
        self.socket.send(self.sent[-1])

    @property
    def failing(self) -> list[Callable[[], object]]:
        """Calls that are refused."""
        socket = self.socket
        return [
            lambda: socket.send([]),
            lambda: socket.close(5),
            lambda: socket.close(3000, "x" * 200),
            lambda: setattr(socket, "binary_type", []),
            lambda: setattr(socket, "onmessage", 5),
            lambda: socket.add_event_listener("message", None),  # type: ignore[call-overload]
            lambda: socket.add_event_listener("message", lambda a, b: (a, b)),  # type: ignore[misc]
            lambda: in_a_thread(lambda: socket.send("lost")),
            lambda: in_a_thread(socket.ping),
            lambda: in_a_thread(socket.pause_reading),
        ]


def in_a_thread(call: Callable[[], object]) -> None:
    """Make a call in another thread, and raise here what it raised there."""
    errors: list[Exception] = []

    def act() -> None:
        try:
            call()
        except k6ws.K6Error as error:
            errors.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(PATIENCE_S)
    for error in errors:
        raise error


@pytest.mark.parametrize("style", STYLES)
def test_failing_calls_between_good_ones_change_nothing(
    server: WebsocketsServer, style: str
) -> None:
    seed = int(os.environ.get("K6WS_SEED") or random.SystemRandom().getrandbits(32))
    models: list[Model] = []

    def begin(closed: Callable[[], object]) -> None:
        model = Model(WebSocket(server.url("/ws-echo-multi")), random.Random(seed))
        models.append(model)
        model.socket.onopen = model.step
        model.socket.onmessage = lambda event: (model.got.append(event.data), model.step())
        model.socket.onclose = lambda: closed()

    def here() -> None:
        begin(lambda: None)
        assert k6ws.wait(PATIENCE_S * 1000)

    async def on_a_loop() -> None:
        over = asyncio.Event()
        begin(over.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), PATIENCE_S)

    result = in_style(style, here, on_a_loop)
    [model] = models
    assert (len(model.got), model.got) == (STEPS, model.sent), f"K6WS_SEED={seed}"
    assert server.journal.session().messages == model.sent, f"K6WS_SEED={seed}"
    assert not current().rejected
    if result is not None:
        names = ("ws_msgs_sent", "ws_msgs_received", "ws_sessions", "ws_closes")
        assert [total(result, name) for name in names] == [STEPS, STEPS, 1, 1], f"K6WS_SEED={seed}"
        assert "ws_msgs_unsent" not in result.metrics, f"K6WS_SEED={seed}"
