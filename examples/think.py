"""Users that read before they write: pauses of several kinds, the same in every run.

Start a target with `k6ws echo`, then `k6ws run examples/think.py`. Another target: `-e URL=ws://…`.
"""

from k6ws import env, random_seed, think, ws

options = {"vus": 5, "iterations": 10}
random_seed(7)


def default():
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/")) as session:
        think("10ms", "50ms")
        session.request("hello", "say", match="hello")
        think.normal("50ms", "10ms")
        session.request("how are you?", "say", match="how are you?")
        think.exponential("20ms")
