"""Redis over TCP: pipelines of commands, and single ones, each timed by itself.

    k6ws run redis.py -e HOST=127.0.0.1 -e PORT=6379 -e ROUNDS=10 -e PIPELINE=32

`ROUNDS`: how many pipelines each user sends; `PIPELINE`: how many commands each of them has.
"""

from k6ws import env, execution, tcp
from k6ws.correlate import in_order
from k6ws.framing import length_in_head
from k6ws.match import starts_with

HOST, PORT = env.get("HOST", "127.0.0.1"), int(env.get("PORT", "6379"))
ROUNDS, PIPELINE = int(env.get("ROUNDS", "10")), int(env.get("PIPELINE", "32"))

# A value comes behind its length, in one message; everything else that is asked for here is a line.
RESP = length_in_head(rb"^\$(\d+)$", tail=b"\r\n")
ERROR = starts_with("-")

options = {
    "vus": 5,
    "iterations": 10,
    "thresholds": {
        "tcp_req_failed": ["rate<0.01"],
        "tcp_req_duration{name:INCR}": ["p(95)<200"],
        "checks": ["rate==1"],
    },
}


def value(word: str) -> str:
    return f"${len(word.encode())}\r\n{word}"


def command(*words: str) -> str:
    return "\r\n".join([f"*{len(words)}", *map(value, words)])


def default() -> None:
    key = f"k6ws:{execution.vu.id_in_test}:{execution.vu.iteration_in_instance}"
    with tcp.open(HOST, PORT, framing=RESP, correlate=in_order()) as session:
        for _ in range(ROUNDS):
            session.request_all([(command("INCR", key), "INCR")] * PIPELINE, check=~ERROR)
        counted = {"every INCR counted": value(str(ROUNDS * PIPELINE))}
        session.request(command("GET", key), "GET", check=counted)
        session.request(command("DEL", key), "DEL", check=":1")
        session.request(command("QUIT"), "QUIT", check="+OK")
