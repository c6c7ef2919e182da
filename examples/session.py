"""A conversation, line by line: send, expect, wait for one message among others, read on.

Start a target with `k6ws echo`, then `k6ws run examples/session.py`. Another target: `-e URL=ws://…`.
"""

import json

from k6ws import check, env, ws

options = {"vus": 2, "iterations": 10, "thresholds": {"checks": ["rate==1"]}}


def default():
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/"), recv_timeout="5s") as session:
        # The target says everything back: what a server would say, we say.
        session.send(json.dumps({"type": "welcome", "version": 2}))
        session.expect({"/type": "welcome", "/version": 2}, "welcomed")

        for number in range(3):
            session.send(json.dumps({"type": "news", "number": number}))
        session.send(json.dumps({"type": "reply", "id": 7}))
        reply = session.recv({"/type": "reply", "/id": 7}, timeout="2s")
        check(json.loads(reply), {"the reply is ours": lambda reply: reply["id"] == 7})

        # What came before it has waited.
        numbers = [json.loads(session.recv({"/type": "news"}))["number"] for _ in range(3)]
        check(numbers, {"the news is in order": numbers == [0, 1, 2]})

        session.send("bye")
        for message in session:
            if message == "bye":
                break
