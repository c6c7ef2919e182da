"""A script of callbacks, as k6 has them, whose replies are timed at the wire: one line more.

Start a target with `k6ws echo`, then `k6ws run examples/correlate.py`. Another target: `-e URL=ws://…`.
"""

import json

from k6ws import env, ws
from k6ws.correlate import by

options = {
    "vus": 2,
    "iterations": 4,
    "thresholds": {"ws_req_duration{name:say}": ["p(95)<200"], "ws_reqs": ["count==40"]},
}


def default():
    def session(socket):
        socket.correlate(by("/id", name="say"), timeout="2s")

        @socket.on("open")
        def _():
            socket.send(json.dumps({"id": 1}))

        @socket.on("message")
        def _(message):
            said = json.loads(message)["id"]
            if said == 10:
                socket.close()
            else:
                socket.send(json.dumps({"id": said + 1}))

    ws.connect(env.get("URL", "ws://127.0.0.1:8765/"), session)
