"""Heartbeats and chatter are dealt with in the core: no Python, and no request waits longer for them.

Start a target with `k6ws echo`, then `k6ws run examples/heartbeats.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import env, ws
from k6ws.correlate import by

options = {
    "vus": 2,
    "iterations": 10,
    "thresholds": {
        "ws_msgs_sent{rule:auto}": ["count==10"],
        "ws_req_failed": ["rate==0"],
    },
}


def default():
    url = env.get("URL", "ws://127.0.0.1:8765/")
    with ws.open(url, codec="json", correlate=by("/id")) as session:
        session.auto_reply({"/type": "ping"}, {"type": "pong", "at": "{/at}"})
        session.ignore({"/type": "typing"})
        # The target says everything back: what a server would say, we say.
        session.send({"type": "ping", "at": 17})
        session.send({"type": "typing", "who": "ann"})
        session.expect({"/type": "pong", "/at": 17}, "answered")
        session.request({"id": 1, "type": "say"}, "say")
