"""Redis over TCP: pipelines of commands, and single ones, each timed by itself.

    k6ws run redis.py -e HOST=127.0.0.1 -e PORT=6379 -e ROUNDS=10 -e PIPELINE=32

`ROUNDS`: how many pipelines each user sends; `PIPELINE`: how many commands each of them has.
"""

from k6ws import check, env, execution, tcp
from k6ws.correlate import in_order
from k6ws.framing import lines
from k6ws.match import regex, starts_with

HOST, PORT = env.get("HOST", "127.0.0.1"), int(env.get("PORT", "6379"))
ROUNDS, PIPELINE = int(env.get("ROUNDS", "10")), int(env.get("PIPELINE", "32"))

# A value comes in two lines, its length before it; everything that is asked for here else is one line.
REPLIES = in_order(done=~regex(r"^\$\d"))
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


def command(*words: str) -> str:
    """A command of RESP, but for its last line end, which the framing adds."""
    parts = (f"\r\n${len(word.encode())}\r\n{word}" for word in words)
    return f"*{len(words)}{''.join(parts)}"


def default() -> None:
    key = f"k6ws:{execution.vu.id_in_test}:{execution.vu.iteration_in_instance}"
    with tcp.open(HOST, PORT, framing=lines("\r\n"), correlate=REPLIES) as session:
        for _ in range(ROUNDS):
            session.request_all([(command("INCR", key), "INCR")] * PIPELINE, check=~ERROR)
        total = session.request(command("GET", key), "GET", check=~ERROR)
        check(total, {"every INCR counted": lambda total: int(total) == ROUNDS * PIPELINE})
        session.request(command("DEL", key), "DEL", check=":1")
        session.request(command("QUIT"), "QUIT", check="+OK")
