"""What a server pushes, seen as it passes: how old it is, and whether any is missing. No Python reads it.

Start a target with `k6ws echo`, then `k6ws run examples/delivered.py`. Another target: `-e URL=ws://…`.
"""

import time

from k6ws import env, sleep, ws

options = {
    "vus": 2,
    "iterations": 4,
    "thresholds": {
        "ws_delivery_duration{name:price}": ["p(95)<200"],
        "ws_deliveries{name:price}": ["count==80"],
        "ws_deliveries_lost": ["count==0"],
    },
}


def default():
    with ws.open(env.get("URL", "ws://127.0.0.1:8765/"), codec="json") as session:
        places = {"stamp": "/at", "sequence": "/number", "source": "/symbol"}
        session.delivered({"/type": "price"}, "price", **places, take=True)
        for number in range(20):
            # The target says everything back: what a server would push, we say.
            price = {"type": "price", "symbol": "ACME", "number": number, "at": time.time()}
            session.send(price)
            sleep(0.01)
        session.request({"type": "bye"}, "leave", match={"/type": "bye"})
