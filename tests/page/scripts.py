"""Scripts whose pages are hard to draw: next to nothing, nothing, very much."""

from __future__ import annotations

# A run that ends before its first iteration.
NOTHING = """
def setup():
    raise ValueError("there is nothing to test")


def default():
    pass
"""
# 12 × 900 series of a script's own, beside ours.
MUCH = """
from k6ws.metrics import Counter

counters = [Counter(f"own_{number}") for number in range(12)]
options = {"vus": 1, "iterations": 2}


def default():
    for one in counters:
        for number in range(900):
            one.add(number + 1, {"row": f"row {number}"})
"""
# Minutes for a viewer to come and go; ended by Ctrl-C.
LONG = """
from k6ws import check, env, sleep, ws
from k6ws.correlate import in_order

options = {"vus": 2, "duration": "60s", "thresholds": {"ws_req_duration": ["p(95)<5000"]}}


def default():
    with ws.open(env["URL"], correlate=in_order()) as session:
        for _ in range(100):
            session.request("hello", name="greet")
            check(1, {"one": True})
            sleep(0.01)
"""
