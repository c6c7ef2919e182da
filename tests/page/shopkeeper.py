"""The service that `shop.py` visits: answers take their time, and more of it behind a deployment."""

from __future__ import annotations

import contextlib
import http
import json
import random
import threading
import time
from collections.abc import Generator
from typing import Any

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

# Milliseconds that half of the answers take.
TAKES_MS = {"log in": 12, "search": 45, "buy": 25, "deploy": 1}
SLOWER = 2.5


class Shop:
    """Who answers, with the chances of a seed."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self._slower = 1.0
        self._lock = threading.Lock()

    def answer(self, connection: ServerConnection) -> None:
        """Answer one visitor until it leaves."""
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                asked = json.loads(message)
                reply, takes_s, is_lost = self._decide(asked)
                time.sleep(takes_s)  # the point: an answer that takes this long
                if is_lost:
                    connection.close(4008, "the till is closed")
                    return
                connection.send(json.dumps(reply))

    def _decide(self, asked: dict[str, Any]) -> tuple[dict[str, Any], float, bool]:
        with self._lock:
            chance = self._chance
            what = asked["do"]
            if what == "deploy":
                self._slower = SLOWER
            slower = self._slower if what == "buy" else 1.0
            takes_s = TAKES_MS[what] * slower * chance.lognormvariate(0, 0.45) / 1000
            reply = {
                "id": asked["id"],
                "ok": True,
                "hits": chance.choice([0, 3, 8, 12, 20, 31, 44, 60, 75, 99, 120, 140]),
                "value": round(chance.lognormvariate(3.4, 0.6), 2),
                "paid by": chance.choice(["card", "card", "transfer", "voucher"]),
            }
            return reply, takes_s, what == "buy" and chance.random() < 0.01


def refuse(_: ServerConnection, request: Request) -> Response | None:
    """Turn away who comes to the crowded door."""
    if request.path != "/crowded":
        return None
    body = b'{"error": "the shop is full"}'
    headers = Headers({"Content-Length": str(len(body)), "Content-Type": "application/json"})
    return Response(http.HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable", headers, body)


@contextlib.contextmanager
def opened() -> Generator[str, None, None]:
    """The URL of the shop while it is open."""
    with serve(Shop().answer, "127.0.0.1", 0, process_request=refuse, compression=None) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        finally:
            server.shutdown()
            serving.join()
