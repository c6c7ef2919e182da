"""STOMP 1.2 over WebSocket: messages timed to their receipts, and acknowledged without any Python.

    k6ws run stomp.py -e URL=ws://127.0.0.1:15674/ws -e LOGIN=guest -e PASSCODE=guest -e ROUNDS=10

It is what RabbitMQ's web_stomp speaks. `ROUNDS`: how many messages each user sends.
"""

import re

from k6ws import env, execution, ws
from k6ws.correlate import by, capture
from k6ws.match import starts_with

URL = env.get("URL", "ws://127.0.0.1:15674/ws")
ROUNDS = int(env.get("ROUNDS", "10"))
LOGIN = {"login": env.get("LOGIN", "guest"), "passcode": env.get("PASSCODE", "guest")}

RECEIPT = by(capture(r"(?m)^receipt:(.*)$"), capture(r"(?m)^receipt-id:(.*)$"))
MESSAGE = re.compile(r"\AMESSAGE\n(?:.+\n)*?ack:(?P<id>.+)\n")
ACKNOWLEDGED = starts_with("RECEIPT\nreceipt-id:ack\n")

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "ws_req_failed": ["rate<0.01"],
        "ws_req_duration{name:SEND}": ["p(95)<500"],
        "ws_auto_replies": ["count>0"],
    },
}


def frame(command: str, body: str = "", **headers: str) -> str:
    lines = (f"{name.replace('_', '-')}:{value}\n" for name, value in headers.items())
    return f"{command}\n{''.join(lines)}\n{body}\0"


def default() -> None:
    topic = f"/topic/k6ws.{execution.vu.id_in_test}"
    with ws.open(URL, subprotocols=["v12.stomp"], correlate=RECEIPT) as session:
        session.ignore("\n")
        session.auto_reply(MESSAGE, "ACK\nid:{id}\nreceipt:ack\n\n\0")
        hello = frame("CONNECT", accept_version="1.2", host="/", heart_beat="0,0", **LOGIN)
        session.request(hello, "CONNECT", match=starts_with("CONNECTED\n"))
        listen = {"id": "0", "destination": topic, "ack": "client-individual", "receipt": "listen"}
        session.request(frame("SUBSCRIBE", **listen), "SUBSCRIBE")
        for number in range(ROUNDS):
            text = f"message {number}"
            session.request(frame("SEND", text, destination=topic, receipt=str(number)), "SEND")
            # It comes back, and a rule acknowledges it: whoever leaves before that leaves it unacknowledged.
            session.request(None, "ACK", match=ACKNOWLEDGED)
        session.request(frame("UNSUBSCRIBE", id="0", receipt="bye"), "UNSUBSCRIBE")
        session.send(frame("DISCONNECT"))  # RabbitMQ ends the connection before it says its receipt
