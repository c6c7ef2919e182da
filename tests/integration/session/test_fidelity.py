"""The durations of requests are what their target says by its own clock, on a busy machine as well.

The target stamps by its kernel when a request came, and says how long it held it. What is ours beyond that is
the way there and back: it is never less than nothing, and most often next to nothing. How near it is where a
machine has nothing else to do is measured by `make bench-fidelity`.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import k6ws
from k6ws import tcp, ws
from k6ws.correlate import by
from support.runs import run_once
from support.speaking import TRANSPORTS, params

TARGET = Path(__file__).parents[3] / "bench" / "peers" / "delay_target.py"
DELAYS_MS = (0, 10, 50)
ROUNDS = 15
BURNT_S = 0.03
"""So long the script computes while a reply is on its way."""
AT_MOST_MS = 5
"""Half of the errors are below: it is a fraction of what is burnt, and 25 times what is measured at rest."""
CLOCKS_MS = 0.5
"""So far apart may two clocks be: one that never goes back, and one that is set."""


@contextlib.contextmanager
def target(transport: str) -> Generator[tuple[Any, ...]]:
    """The target, as `open` wants it."""
    process = subprocess.Popen([sys.executable, TARGET, transport], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        port = int(url.rstrip("/").rpartition(":")[2])
        yield (url,) if transport == "ws" else ("127.0.0.1", port)
    finally:
        process.kill()
        process.communicate()


def took(samples: Path, transport: str) -> dict[str, list[float]]:
    """The durations of requests, by their names, in the order in which they were made."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for line in samples.read_text().splitlines():
        sample = json.loads(line)
        if sample["type"] == "Point" and sample["metric"] == f"{transport}_req_duration":
            found[sample["data"]["tags"]["name"]].append(sample["data"]["value"])
    return found


@pytest.mark.parametrize("is_busy", [False, True], ids=["waiting", "computing"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_request_takes_as_long_as_its_target_says(
    transport: str, tmp_path: Path, *, is_busy: bool
) -> None:
    held: defaultdict[str, list[float]] = defaultdict(list)

    def default() -> None:
        module: Any = ws if transport == "ws" else tcp
        with module.open(*place, **params(transport, correlate=by("/id"))) as session:
            # The kernel begins to stamp when the first socket asks for it.
            session.request('{"id": 0, "delay": 0}', "first")
            for number in range(ROUNDS * len(DELAYS_MS)):
                delay = DELAYS_MS[number % len(DELAYS_MS)]
                asked = json.dumps({"id": number + 1, "delay": delay})
                reply = session.start(asked, str(delay))
                if is_busy:
                    k6ws.sleep(0.001)  # the point: it leaves
                    until = time.perf_counter() + BURNT_S
                    while time.perf_counter() < until:
                        pass
                held[str(delay)].append(json.loads(reply.wait())["held"] / 1e6)

    samples = tmp_path / "samples.json"
    with target(transport) as place:
        run_once(default, out=[f"json={samples}"])
    found = took(samples, transport)
    for delay in map(str, DELAYS_MS):
        assert len(found[delay]) == len(held[delay]) == ROUNDS
        assert min(held[delay]) >= int(delay)
        errors = [ours - theirs for ours, theirs in zip(found[delay], held[delay], strict=True)]
        assert min(errors) > -CLOCKS_MS, errors
        assert statistics.median(errors) < AT_MOST_MS, errors
