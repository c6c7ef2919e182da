"""An AI model that answers token by token: the time to the first one, between them, the longest stall.

    k6ws run token_stream.py -e URL=ws://127.0.0.1:8000/v1/stream -e ROUNDS=3

A request has an id. Each of its tokens has it too, and the last message says that it is done. `ROUNDS`: how
many questions each user asks.
"""

from itertools import count

from k6ws import check, env, ws
from k6ws.correlate import by
from k6ws.match import json as message

URL = env.get("URL", "ws://127.0.0.1:8000/v1/stream")
ROUNDS = int(env.get("ROUNDS", "3"))

ANSWER = by("/id", "/response_id", done=message({"/type": "done"}) | message({"/type": "error"}))

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_first_duration{name:answer}": ["p(95)<500"],
        "ws_req_gap{name:answer}": ["p(95)<100"],
        "ws_req_stall{name:answer}": ["p(95)<500"],
        "checks": ["rate==1"],
    },
}


def default() -> None:
    ids = count(1)
    with ws.open(URL, codec="json", correlate=ANSWER, recv_timeout="60s") as session:
        for _ in range(ROUNDS):
            question = {"id": next(ids), "type": "create", "prompt": "Say hello.", "max_tokens": 20}
            *tokens, end = session.request(question, "answer", many=True)
            check(end, {"it is whole": lambda end: end["type"] == "done"})
            check(tokens, {"it is what was asked for": lambda tokens: 0 < len(tokens) <= 20})
