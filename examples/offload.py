"""Log in over HTTP before the socket opens: a call that blocks, while the other VUs go on.

Start a target with `k6ws echo`, then `k6ws run examples/offload.py`. Another target: `-e URL=ws://…`.
"""

import hashlib

from k6ws import env, offload, ws

options = {"vus": 5, "iterations": 10}


def log_in(user: str) -> str:
    # What a script would ask a server for, by requests or urllib; here something slow.
    return hashlib.pbkdf2_hmac("sha256", user.encode(), b"salt", 20_000).hex()


def default():
    token = offload(log_in, "ann")
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/")) as session:
        session.request(f"token {token}", "log in", match=f"token {token}")
