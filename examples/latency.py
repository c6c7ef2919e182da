"""How long replies take: requests one at a time, and many at once, each timed by itself at the wire.

    k6ws echo
    k6ws run latency.py -e URL=ws://127.0.0.1:8765/ -e ROUNDS=10

The server answers each message with one that has the same `id`. `ROUNDS`: how often each user asks.
"""

from itertools import count

from k6ws import env, ws
from k6ws.correlate import by
from k6ws.match import has

URL = env.get("URL", "ws://127.0.0.1:8765/")
ROUNDS = int(env.get("ROUNDS", "10"))

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:ask}": ["p(95)<200"],
        "ws_req_duration{name:many}": ["p(95)<500"],
    },
}


def default() -> None:
    ids = count(1)

    def ask(text: str) -> dict[str, object]:
        return {"id": next(ids), "text": text}

    with ws.open(URL, codec="json", correlate=by("/id"), recv_timeout="5s") as session:
        for _ in range(ROUNDS):
            session.request(ask("one at a time"), "ask", check=has("/text"))
        session.request_all([(ask("all at once"), "many") for _ in range(ROUNDS)])
