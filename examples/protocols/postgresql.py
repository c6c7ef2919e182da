"""PostgreSQL over TCP with TLS and SCRAM: the steps of the log-in, and queries, each timed by itself.

    k6ws run postgresql.py -e HOST=127.0.0.1 -e PORT=5432 -e PGUSER=me -e PGPASSWORD=secret -e ROUNDS=10

The database has the user's name. Any certificate is accepted. `ROUNDS`: how many queries each
user makes.
"""

from base64 import b64decode, b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from secrets import token_hex

from k6ws import env, tcp
from k6ws.correlate import in_order
from k6ws.framing import Raw, fixed, length_prefix
from k6ws.match import at

HOST, PORT = env.get("HOST", "127.0.0.1"), int(env.get("PORT", "5432"))
USER, PASSWORD = env.get("PGUSER", "postgres"), env.get("PGPASSWORD", "").encode()
ROUNDS = int(env.get("ROUNDS", "10"))

LOGIN, READY, ERROR = at(0, b"R"), at(0, b"Z"), at(0, b"E")

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {"tcp_req_failed": ["rate<0.01"], "tcp_req_duration{name:query}": ["p(95)<200"]},
}


def packet(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def proof(first: str, challenge: str) -> str:
    """The last word of SCRAM-SHA-256 (RFC 5802), behind what both sides have said."""
    said = dict(part.split("=", 1) for part in challenge.split(","))
    salted = pbkdf2_hmac("sha256", PASSWORD, b64decode(said["s"]), int(said["i"]))
    key, last = digest(salted, b"Client Key", "sha256"), f"c=biws,r={said['r']}"
    signed = digest(sha256(key).digest(), f"{first},{challenge},{last}".encode(), "sha256")
    both = bytes(one ^ other for one, other in zip(key, signed, strict=True))
    return f"{last},p={b64encode(both).decode()}"


def default() -> None:
    with tcp.open(HOST, PORT, framing=fixed(1), correlate=in_order(done=READY | ERROR)) as session:
        session.send(Raw(packet(b"", b"\x04\xd2\x16\x2f")))
        session.request(None, "SSLRequest", check=b"S")
        session.start_tls(insecure_skip_tls_verify=True)
        session.set_framing(length_prefix(4, offset=1, inclusive=True))
        session.send(Raw(packet(b"", f"\0\3\0\0user\0{USER}\0\0".encode())))
        session.request(None, "StartupMessage", check=LOGIN)
        hello = f"n,,n=,r={token_hex(12)}".encode()
        start = packet(b"p", b"SCRAM-SHA-256\0" + len(hello).to_bytes(4, "big") + hello)
        said = session.request(start, "SCRAM", done=LOGIN | ERROR, check=LOGIN)
        last = proof(hello[3:].decode(), said[9:].decode()).encode()
        session.request(packet(b"p", last), "log in", check=READY)
        for number in range(ROUNDS):
            session.request(packet(b"Q", b"SELECT %d * 2\0" % number), "query", check=READY)
        session.send(packet(b"X", b""))
