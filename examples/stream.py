"""A reply of several messages: how long until the first, how long between two, how long in all.

Start a target with `k6ws echo`, then `k6ws run examples/stream.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import check, env, sleep, ws
from k6ws.correlate import in_order

options = {
    "vus": 2,
    "iterations": 4,
    "thresholds": {
        "checks": ["rate==1"],
        "ws_req_first_duration{name:answer}": ["p(95)<200"],
        "ws_req_gap{name:answer}": ["p(95)<200"],
        "ws_req_duration{name:answer}": ["p(95)<1000"],
    },
}


def default():
    url = env.get("URL", "ws://127.0.0.1:8765/")
    with ws.open(url, correlate=in_order(done="[end]")) as session:
        reply = session.start("Once", "answer", many=True)
        # The target says everything back: what a model would say, word for word, we say.
        for word in ("upon", "a", "time", "[end]"):
            sleep(0.02)
            session.send(word)
        check(reply.wait(), {"each word came": lambda words: len(words) == 5})
