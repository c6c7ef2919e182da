"""JSON-RPC 2.0 over WebSocket: calls, one after the other and many at once, each timed by itself.

    k6ws run jsonrpc.py -e URL=ws://127.0.0.1:8546/ -e ROUNDS=10

The server has a method `add`. `ROUNDS`: how often each user calls it, one call after the other.
"""

from itertools import count

from k6ws import env, ws
from k6ws.correlate import by
from k6ws.match import has, json

URL = env.get("URL", "ws://127.0.0.1:8546/")
ROUNDS = int(env.get("ROUNDS", "10"))

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:add}": ["p(95)<200"],
        "checks": ["rate==1"],
    },
}


def default() -> None:
    ids = count(1)

    def call(method: str, *params: object) -> dict[str, object]:
        return {"jsonrpc": "2.0", "id": next(ids), "method": method, "params": params}

    with ws.open(URL, codec="json", correlate=by("/id")) as session:
        for number in range(ROUNDS):
            total = json({"/result": number + 1})
            session.request(call("add", number, 1), "add", check={"the sum is right": total})
        calls = [(call("add", number, number), "add, many") for number in range(32)]
        session.request_all(calls, check=has("/result"))
