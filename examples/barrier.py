"""Everybody joins before anybody speaks: VUs meet at a barrier, again in each iteration.

Start a target with `k6ws echo`, then `k6ws run examples/barrier.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import barrier, env, execution, ws

USERS = 5
options = {
    "scenarios": {
        "room": {"executor": "per-vu-iterations", "vus": USERS, "iterations": 3},
    },
    "thresholds": {"ws_req_failed": ["rate==0"]},
}


def default():
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/")) as session:
        barrier("joined", USERS, "30s")
        if execution.vu.id_in_test == 1:
            execution.mark("all have joined")
        session.request("hello, all", "say", match="hello, all")
