"""What those cost a run who look at it: 500 series, no dashboard, one, and 1 and 200 viewers of it.

The VU thread's own CPU time is measured around the recording, and that of the whole process beside it;
viewers are another process. Each round measures every variant, in turn. Times inform; they never gate.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median

from k6ws import _core, flow
from k6ws._run.runner import Runner
from k6ws._script import from_function
from k6ws.metrics import Counter, Trend

RATE = 20_000
SECONDS = 5
SERIES, TRENDS = 500, 100
BURST_S = 0.01
VARIANTS: dict[str, int | None] = {"none": None, "0 viewers": 0, "1 viewer": 1, "200 viewers": 200}
LIMIT = 0.01
PAGE = """<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">"""
_READY_S = 30.0

_VIEWERS = """
import selectors, socket, sys
port, viewers = int(sys.argv[1]), int(sys.argv[2])
request = b"GET /events HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n"
selector = selectors.DefaultSelector()
for _ in range(viewers):
    viewer = socket.create_connection(("127.0.0.1", port))
    viewer.sendall(request)
    selector.register(viewer, selectors.EVENT_READ)
print("connected", flush=True)
bytes_read = 0
while selector.get_map():
    for key, _ in selector.select():
        read = key.fileobj.recv(1 << 18)
        bytes_read += len(read)
        if not read:
            selector.unregister(key.fileobj)
print(bytes_read, flush=True)
"""


@dataclass
class Cost:
    """CPU seconds."""

    vu_thread: float
    process: float
    megabytes: float


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    costs: dict[str, list[Cost]] = {variant: [] for variant in VARIANTS}
    for _ in range(rounds):
        for variant, viewers in VARIANTS.items():
            costs[variant].append(_measure(viewers))
    print(
        f"{SERIES} series, {RATE} samples/s for {SECONDS} s, {rounds} rounds; against no dashboard:"
    )
    print(
        f"  {'':<14}{'VU thread':>12}{'% of a core':>14}{'process':>10}{'% of a core':>14}{'MB sent':>10}"
    )
    for variant, measured in costs.items():
        pairs = list(zip(measured, costs["none"], strict=True))
        ratio = median(one.vu_thread / none.vu_thread for one, none in pairs)
        share = median(one.vu_thread - none.vu_thread for one, none in pairs) / SECONDS
        whole = median(one.process / none.process for one, none in pairs)
        of_all = median(one.process - none.process for one, none in pairs) / SECONDS
        sent = median(one.megabytes for one in measured)
        print(
            f"  {variant:<14}{ratio:>12.3f}{share:>14.2%}{whole:>10.3f}{of_all:>14.2%}{sent:>10.1f}"
        )
    print(f"  wanted: the VU thread pays at most {LIMIT:.0%} of a core")
    return 0


def _measure(viewers: int | None) -> Cost:
    metrics = [
        Trend(f"trend_{number}") if number < TRENDS else Counter(f"counter_{number}")
        for number in range(SERIES)
    ]
    spent = 0.0

    def record() -> None:
        nonlocal spent
        began, done = time.monotonic(), 0
        from_cpu = time.thread_time()
        while done < RATE * SECONDS:
            due = min(int((time.monotonic() - began) * RATE), RATE * SECONDS)
            for number in range(done, due):
                metrics[number % SERIES].add(number % 997)
            done = due
            flow.sleep(BURST_S)
        spent = time.thread_time() - from_cpu

    dashboard = None if viewers is None else _core.Dashboard("127.0.0.1:0", PAGE, None)
    looking = _look(dashboard, viewers) if dashboard is not None and viewers else None
    options = {"vus": 1, "iterations": 1}
    runner = Runner(from_function(record), [("program", options)], dashboard=dashboard)
    before = time.process_time()
    runner.run()
    process = time.process_time() - before
    if dashboard is not None:
        dashboard.close(10_000.0)
    megabytes = 0.0
    if looking is not None:
        text, _ = looking.communicate(timeout=_READY_S)
        megabytes = int(text) / 1e6
    return Cost(spent, process, megabytes)


def _look(dashboard: _core.Dashboard, viewers: int) -> subprocess.Popen[str]:
    port = dashboard.url().rsplit(":", 1)[1].strip("/")
    looking = subprocess.Popen(
        [sys.executable, "-c", _VIEWERS, port, str(viewers)], stdout=subprocess.PIPE, text=True
    )
    assert looking.stdout is not None
    assert looking.stdout.readline() == "connected\n"
    return looking


if __name__ == "__main__":
    sys.exit(main())
