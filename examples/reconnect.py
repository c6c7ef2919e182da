"""Users who stay connected, and come back by themselves when the server is restarted.

Start a target with `k6ws echo`, then `k6ws run examples/reconnect.py`; stop and start the target meanwhile.
Another target: `-e URL=ws://…`.
"""

import json

from k6ws import Backoff, env, execution, think, ws
from k6ws.correlate import by

options = {
    "vus": 5,
    "duration": "5s",
    "thresholds": {
        "ws_reconnects": ["count<100"],  # attempts to come back: a storm would be more
        "ws_req_failed": ["rate<0.05"],  # what was on its way when the server went
    },
}


def log_in(session):
    """Called each time that there is a connection, before anybody else may speak."""
    session.ignore({"/op": "keepalive"})
    session.request(json.dumps({"id": "login", "user": execution.vu.id_in_test}), "login")


def vu_start():
    execution.vu.state["session"] = ws.open(
        env.get("URL", "ws://127.0.0.1:8765/"),
        correlate=by("/id"),
        on_open=log_in,
        reconnect=Backoff("200ms", max="2s", jitter=0.5),
    )


def default():
    session = execution.vu.state["session"]
    # While the session is down this waits for it, within its timeout.
    session.request(json.dumps({"id": execution.vu.iteration_in_scenario}), "say", timeout="4s")
    think("50ms", "150ms")


def vu_stop():
    execution.vu.state["session"].close()
