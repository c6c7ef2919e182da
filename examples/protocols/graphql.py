"""GraphQL over WebSocket (graphql-transport-ws): queries, and a subscription whose values are timed.

    k6ws run graphql.py -e URL=ws://127.0.0.1:4000/graphql -e ROUNDS=10

The schema has a query `hello`, and a subscription `greetings` that ends by itself after five values.
`ROUNDS`: how often each user asks for both.
"""

import json
from itertools import count

from k6ws import check, env, match, ws
from k6ws.correlate import by

URL = env.get("URL", "ws://127.0.0.1:4000/graphql")
ROUNDS = int(env.get("ROUNDS", "10"))

# An operation has an id: its results are `next`, and then it is `complete`, or there is an `error`.
COMPLETE = match.json({"/type": "complete"})
OVER = COMPLETE | match.json({"/type": "error"})

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:hello}": ["p(95)<200"],
        "ws_req_first_duration{name:greetings}": ["p(95)<200"],
        "checks": ["rate==1"],
    },
}


def default() -> None:
    ids = count(1)

    def subscribe(query: str) -> str:
        return json.dumps({"id": f"{next(ids)}", "type": "subscribe", "payload": {"query": query}})

    protocol = ["graphql-transport-ws"]
    with ws.open(URL, subprotocols=protocol, correlate=by("/id", done=OVER)) as session:
        session.auto_reply({"/type": "ping"}, '{"type":"pong"}')
        session.request('{"type":"connection_init"}', "init", match={"/type": "connection_ack"})
        for _ in range(ROUNDS):
            session.request(subscribe("{ hello }"), "hello", check=COMPLETE)
            greet = subscribe("subscription { greetings }")
            *values, _ = session.request(greet, "greetings", many=True)
            check(values, {"greeted in five languages": lambda values: len(values) == 5})
