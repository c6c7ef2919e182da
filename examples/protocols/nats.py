"""NATS over TCP or WebSocket: requests to a service, which answers without any Python.

    k6ws run nats.py -e URL=tcp://127.0.0.1:4222 -e ROUNDS=10
    k6ws run nats.py -e URL=ws://127.0.0.1:8080 -e ROUNDS=10

A request is timed to what comes back in the inbox of who asks. `ROUNDS`: how many requests each user makes.
"""

from urllib.parse import urlsplit

from k6ws import Session, env, execution, tcp, ws
from k6ws.correlate import by, capture
from k6ws.framing import length_in_head
from k6ws.match import regex, starts_with

URL = urlsplit(env.get("URL", "tcp://127.0.0.1:4222"))
ROUNDS = int(env.get("ROUNDS", "10"))
KIND = "tcp" if URL.scheme == "tcp" else "ws"

# A message is its line and its payload. Over WebSocket we say text, and the server says bytes.
MESSAGES = length_in_head(rb"^(?:MSG|PUB) .* (\d+)$", tail=b"\r\n")
INBOX = by(capture(r"^PUB \S+ (_INBOX\S+) "), capture(rb"^MSG (_INBOX\S+) "))
CALL = regex(rb"^MSG service\S+ 1 (?P<inbox>\S+) ")
ANSWER = regex(rb"\r\nanswer$")

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        f"{KIND}_req_failed": ["rate<0.01"],
        f"{KIND}_req_duration{{name:ask}}": ["p(95)<200"],
        f"{KIND}_auto_replies": ["count>0"],
    },
}


def connect() -> Session:
    if KIND == "tcp":
        return tcp.open(URL.hostname or "", URL.port or 4222, framing=MESSAGES, correlate=INBOX)
    return ws.open(URL.geturl(), framing=MESSAGES, correlate=INBOX)


def default() -> None:
    me = f"{execution.vu.id_in_test}.{execution.vu.iteration_in_instance}"
    with connect() as session:
        session.expect(starts_with(b"INFO {"), "greeted")
        session.auto_reply(b"PING", "PONG")
        session.auto_reply(CALL, "PUB {inbox} 6\r\nanswer")
        subscriptions = f"SUB service.{me} 1\r\nSUB _INBOX.{me}.* 2"
        session.send(f'CONNECT {{"verbose":false}}\r\n{subscriptions}')
        session.request("PING", "PING", match=b"PONG")
        for number in range(ROUNDS):
            question = f"PUB service.{me} _INBOX.{me}.{number} 8\r\nquestion"
            session.request(question, "ask", check=ANSWER)
