"""Messages over TCP: a framing cuts the stream, a codec makes objects, requests are timed at the wire.

Start a target with `k6ws echo --tcp --port 9000`, then `k6ws run examples/tcp_session.py`. Another target:
`-e HOST=… -e PORT=…`.
"""

from k6ws import env, tcp
from k6ws.correlate import by
from k6ws.framing import length_prefix

options = {
    "vus": 2,
    "iterations": 10,
    "thresholds": {
        "tcp_req_duration{name:ask}": ["p(95)<200"],
        "tcp_req_failed": ["rate==0"],
        "tcp_msgs_received": ["count==60"],
    },
}


def default():
    host, port = env.get("HOST", "127.0.0.1"), int(env.get("PORT", "9000"))
    with tcp.open(
        host, port, framing=length_prefix(4), codec="json", correlate=by("/id")
    ) as session:
        session.request({"id": 0, "method": "login", "user": "ann"}, "log in")
        for number in range(1, 6):
            session.request({"id": number, "method": "ask"}, "ask")
