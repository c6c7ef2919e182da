"""Targets for tests, one iteration at a time, and the paired comparison of two targets.

For example::

    from k6ws import check, env, testing, ws

    def default():
        with ws.open(env["URL"]) as session:
            session.send("hello")
            check(session.recv(), {"greets": lambda m: m == "hi"})

    def test_it_greets():
        with testing.target({"hello": "hi"}) as url:
            result = testing.once(default, env={"URL": url})
        assert result.checks["greets"].passes == 1

A target runs in this process, on a thread of its own, and does what a test says: it answers by rules or by a
function, later by its own clock, refuses, closes, resets, stays silent, pushes. :func:`echo` is the target of
``k6ws echo``. In pytest there are fixtures beside this: ``k6ws_run``, ``k6ws_echo``, ``k6ws_compare``.
"""

from k6ws.testing.actions import (
    Action,
    After,
    Close,
    Every,
    Hang,
    Refuse,
    Reset,
    after,
    close,
    every,
    hang,
    refuse,
    reset,
)
from k6ws.testing.address import Address
from k6ws.testing.compare import compare
from k6ws.testing.comparison import Comparison
from k6ws.testing.echo import Echo, echo
from k6ws.testing.fixtures import CompareFixture, RunFixture
from k6ws.testing.once import once
from k6ws.testing.target import Target, target, tcp_target

__all__ = [
    "Action",
    "Address",
    "After",
    "Close",
    "CompareFixture",
    "Comparison",
    "Echo",
    "Every",
    "Hang",
    "Refuse",
    "Reset",
    "RunFixture",
    "Target",
    "after",
    "close",
    "compare",
    "echo",
    "every",
    "hang",
    "once",
    "refuse",
    "reset",
    "target",
    "tcp_target",
]
