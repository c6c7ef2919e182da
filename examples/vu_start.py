"""Twenty users stay connected, and fifty messages a second are theirs: sessions outlive iterations.

Start a target with `k6ws echo`, then `k6ws run examples/vu_start.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import env, execution, ws

options = {
    "scenarios": {
        "chat": {
            "executor": "constant-arrival-rate",
            "rate": 50,
            "duration": "3s",
            "preAllocatedVUs": 20,
        },
    },
    "thresholds": {"ws_sessions": ["count==20"], "ws_req_duration{name:say}": ["p(95)<100"]},
}


def vu_start():
    execution.vu.state["session"] = ws.open(env.get("URL", "ws://127.0.0.1:8765/"))


def default():
    execution.vu.state["session"].request("hello", "say", match="hello")


def vu_stop():
    execution.vu.state["session"].close()
