"""gevent switches greenlets as well: where it is in charge, k6ws says so instead of waiting in them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ENTRIES = {
    "ws.connect": "ws.connect('ws://127.0.0.1:9/', print)",
    "sleep": "k6ws.sleep(0.001)",
    "wait": "k6ws.wait(1)",
    "run": "k6ws.run(print, iterations=1)",
    "tcp": "tcp.Socket().connect(9).wait()",
}
PATCHED = """
from gevent import monkey
monkey.patch_all()
import gevent
import k6ws
from k6ws import tcp, ws
"""
# A counter makes the loop of the thread, long before anybody waits.
PATCHED_LATE = """
import k6ws
from k6ws import tcp, ws
k6ws.metrics.Counter("early")
from gevent import monkey
monkey.patch_all()
import gevent
"""
NOT_PATCHED = """
import gevent
import k6ws
from k6ws import tcp, ws
k6ws.sleep(0.001)
"""
IN_GREENLETS = """
import json
told = []
def user():
    try:
        {entry}
    except k6ws.K6Error as error:
        told.append(str(error) + " " + error.hint)
gevent.joinall([gevent.spawn(user) for _ in range(3)], timeout=20)
print(json.dumps(told))
"""


def told(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(
    "begin", [PATCHED, PATCHED_LATE, NOT_PATCHED], ids=["patched", "patched late", "not patched"]
)
def test_what_waits_is_refused_in_greenlets_of_gevent(begin: str, entry: str) -> None:
    texts = told(begin + IN_GREENLETS.format(entry=ENTRIES[entry]))
    assert ["gevent is in charge of this thread" in text for text in texts] == [True] * 3


def test_a_program_that_only_imports_gevent_goes_on() -> None:
    program = f"{NOT_PATCHED}\nprint(k6ws.run(lambda: k6ws.sleep(0.001), iterations=2).exit_code)"
    assert told(program) == 0
