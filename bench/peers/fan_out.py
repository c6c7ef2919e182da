"""One publishes and many are subscribed, in this process: `fan_out.py MODE URL SUBSCRIBERS PUSHES RATE`.

| mode | what the rule of a subscriber does with a push |
| --- | --- |
| `delivered` | watches and takes it: its age by the stamp in it, its number |
| `ignore` | drops it |

The target says to all others what the publisher says. Prints one JSON line: CPU time from the first push
until half a second after all have come, in all and without the kernel; counts of `delivered`; ages in ms.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import k6ws
from k6ws import barrier, ws
from k6ws.match import has

SETTLED_S = 0.5
END = "end"
AGES = ["count", "p(50)", "p(90)", "p(99)", "max"]
OUTCOMES = ("ws_deliveries", "ws_deliveries_early", "ws_deliveries_lost", "ws_deliveries_doubled")


def main(mode: str, url: str, subscribers: int, pushes: int, rate: float) -> dict[str, float]:
    window: dict[str, float] = {}

    def subscriber() -> None:
        with ws.open(url, recv_timeout=None) as session:
            if mode == "delivered":
                session.delivered(has("/n"), "push", stamp="/at", sequence="/n", take=True)
            else:
                session.ignore(has("/n"))
            barrier("subscribed", subscribers + 1)
            assert session.recv() == END

    def publisher() -> None:
        barrier("subscribed", subscribers + 1)
        # Who came last is told last.
        with ws.open(url) as session, ws.open(url) as last:
            k6ws.sleep(SETTLED_S)
            before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
            for number in range(pushes):
                k6ws.sleep(max(0.0, began + number / rate - time.monotonic()))
                push = {
                    "n": number,
                    "at": time.time(),
                    "text": "what is new, in 64 bytes".ljust(64),
                }
                session.send(json.dumps(push))
            window["started"], window["ended"] = began, time.monotonic()
            last.recv({"/n": pushes - 1}, timeout="5m")
            k6ws.sleep(SETTLED_S)
            after = resource.getrusage(resource.RUSAGE_SELF)
            window["user_s"] = after.ru_utime - before.ru_utime
            window["cpu_s"] = window["user_s"] + after.ru_stime - before.ru_stime
            session.send(END)

    def default() -> None:
        (publisher if k6ws.execution.vu.id_in_test == 1 else subscriber)()

    result = k6ws.run(
        default,
        vus=subscribers + 1,
        iterations=subscribers + 1,
        summary_trend_stats=AGES,
    )
    assert not result.exceptions, result.exceptions
    for name in OUTCOMES:
        window[name] = result.metrics[name].count
    if mode == "delivered":
        ages = result.metrics["ws_delivery_duration"]
        window |= {name: ages[name] for name in AGES}
    return window


if __name__ == "__main__":
    _, its_mode, at, many, messages, pace = sys.argv
    print(json.dumps(main(its_mode, at, int(many), int(messages), float(pace))))
