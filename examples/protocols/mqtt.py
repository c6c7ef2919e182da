"""MQTT 3.1.1 over TCP or WebSocket: messages of QoS 1, timed to their acknowledgement, that come back.

    k6ws run mqtt.py -e URL=tcp://127.0.0.1:1883 -e ROUNDS=10
    k6ws run mqtt.py -e URL=ws://127.0.0.1:9001/mqtt -e ROUNDS=10

`ROUNDS`: how many messages each user publishes. Times of 40 ms over TCP are Nagle's algorithm at work in
the broker: mosquitto does without it where its configuration says `set_tcp_nodelay true`.
"""

from urllib.parse import urlsplit

from k6ws import Session, env, execution, tcp, ws
from k6ws.correlate import by, field
from k6ws.framing import varint
from k6ws.match import at

URL = urlsplit(env.get("URL", "tcp://127.0.0.1:1883"))
ROUNDS = int(env.get("ROUNDS", "10"))
KIND = "tcp" if URL.scheme == "tcp" else "ws"

CONNACK, PUBLISH, PUBACK, SUBACK = (at(0, bytes([kind << 4]), b"\xf0") for kind in (2, 3, 4, 9))
ACCEPTED = at(3, b"\0")

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        f"{KIND}_req_failed": ["rate<0.01"],
        f"{KIND}_req_duration{{name:PUBLISH}}": ["p(95)<200"],
        "checks": ["rate==1"],
    },
}


def text(value: str) -> bytes:
    return len(value).to_bytes(2, "big") + value.encode()


def packet(first: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([first, len(body)]) + body  # less than 128 bytes


def connect(topic: bytes) -> Session:
    packets, by_id = varint(1), by(field(2 + len(topic), 2), field(2, 2), where=PUBACK)
    if KIND == "tcp":
        return tcp.open(URL.hostname or "", URL.port or 1883, framing=packets, correlate=by_id)
    return ws.open(URL.geturl(), subprotocols=["mqtt"], framing=packets, correlate=by_id)


def default() -> None:
    topic = text(f"k6ws/{execution.vu.id_in_test}")
    with connect(topic) as session:
        hello = packet(0x10, text("MQTT"), b"\4\2\0\0", text(""))
        session.request(hello, "CONNECT", match=CONNACK, check=ACCEPTED)
        session.request(packet(0x82, b"\0\1", topic, b"\0"), "SUBSCRIBE", match=SUBACK)
        for number in range(ROUNDS):
            packet_id = (number % 65535 + 1).to_bytes(2, "big")
            session.request(packet(0x32, topic, packet_id, b"hello"), "PUBLISH")
            session.expect(PUBLISH, "delivered")
        session.send(packet(0xE0))
