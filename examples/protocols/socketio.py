"""Socket.IO over WebSocket: users join a room and speak, each time timed to the acknowledgement.

    k6ws run socketio.py -e URL=ws://127.0.0.1:3000 -e ROUNDS=10

The server acknowledges `join` (a room) and `say` (a text) with `{"ok": true}`. `ROUNDS`: how often each
user speaks.
"""

import json
from itertools import count

from k6ws import env, execution, ws
from k6ws.correlate import by, capture
from k6ws.match import contains, starts_with

URL = env.get("URL", "ws://127.0.0.1:3000")
ROUNDS = int(env.get("ROUNDS", "10"))

# A packet is 42, its id, [event, …]; its acknowledgement is 43, the id, […].
ACKNOWLEDGED = by(capture(r"^42(\d+)\["), capture(r"^43(\d+)\["))
OK = contains('"ok":true')

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "checks": ["rate==1"],
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:say}": ["p(95)<200"],
    },
}


def default() -> None:
    ids = count()

    def emit(*event: object) -> str:
        return f"42{next(ids)}{json.dumps(event)}"

    url = f"{URL}/socket.io/?EIO=4&transport=websocket"
    with ws.open(url, correlate=ACKNOWLEDGED) as session:
        session.auto_reply("2", "3")  # the heartbeat of Engine.IO
        session.expect(starts_with("0{"), "handshake")
        session.request("40", "namespace", match=starts_with("40{"))
        session.request(emit("join", "lobby"), "join", check=OK)
        for number in range(ROUNDS):
            text = f"user {execution.vu.id_in_test} says {number}"
            session.request(emit("say", text), "say", check=OK)
        session.send("41")
