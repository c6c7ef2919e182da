"""Sessions that send at a rate of their own: a heartbeat, and a request that is timed from when it was due.

Start a target with `k6ws echo`, then `k6ws run examples/every.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import env, sleep, ws
from k6ws.correlate import in_order
from k6ws.match import starts_with

options = {
    "vus": 5,
    "iterations": 5,
    "thresholds": {
        "ws_req_duration{name:position}": ["p(95)<200"],
        "ws_req_failed": ["rate==0"],
        "ws_reqs{name:position}": ["count>=50"],
    },
}


def default():
    replies = in_order(where=starts_with("at "))
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/"), correlate=replies) as session:
        session.ignore("alive")
        session.every("500ms", "alive")
        session.every("100ms", "at 52.5, 13.4", "position")
        sleep(1.95)
