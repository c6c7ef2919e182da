"""A user for each VU, from a CSV file beside the script.

Start a target with `k6ws echo`, then `k6ws run examples/feeder.py`. Another target: `-e URL=ws://…`.
"""

import json

from k6ws import env, feeder, ws

users = feeder.csv("users.csv", unique="vu")
words = feeder.rows(["hello", "good evening", "goodbye"], order="circular")

options = {"vus": 3, "iterations": 12, "thresholds": {"checks": ["rate==1"]}}


def default():
    me = users.row()
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/")) as session:
        session.send(json.dumps({"type": "welcome", "name": me["name"]}))
        session.expect({"/type": "welcome", "/name": me["name"]}, "welcomed by name")
        session.send(words.row())
