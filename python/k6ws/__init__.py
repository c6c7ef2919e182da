"""k6ws: k6-style load testing of WebSocket and TCP services.

A script is run by ``k6ws run script.py``, or in a program of your own by :func:`run`; the sockets also work
with no run at all::

    from k6ws import check, ws

    options = {"vus": 10, "duration": "30s"}

    def default():
        def session(socket):
            socket.on("open", lambda: socket.send("hello"))
            socket.on("message", lambda message: socket.close())

        response = ws.connect("ws://127.0.0.1:8765/", session)
        check(response, {"status is 101": lambda r: r.status == 101})

For pytest, which a program may run that has loaded this: PYTEST_DONT_REWRITE.
"""

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._core import __version__

if TYPE_CHECKING:
    # The two with `as` are not in `__all__`; they are there for who writes `k6ws.errors.K6Error`.
    from k6ws import (
        correlate,
        execution,
        feeder,
        framing,
        http,
        match,
        metrics,
        summary,
        tcp,
        testing,
        timers,
        utils,
        websockets,
        ws,
    )
    from k6ws import errors as errors
    from k6ws import flow as flow
    from k6ws._conversation import AsyncSession, Backoff, Reply, Session
    from k6ws._environment import env
    from k6ws._loop import Operation
    from k6ws._params.keywords import Params, Tls
    from k6ws._result import Result
    from k6ws._run.api import arun, run
    from k6ws._typed import Options, Scenario, Stage, Threshold
    from k6ws.errors import (
        BarrierTimeout,
        CodecError,
        ConnectError,
        ConnectFailed,
        DuplicateKey,
        FeederExhausted,
        FramingError,
        InitContextError,
        Interrupted,
        InvalidAccessError,
        InvalidCloseCode,
        InvalidCloseReason,
        InvalidParameter,
        InvalidStateError,
        K6Error,
        MissingKey,
        OptionsError,
        RecvTimeout,
        RequestFailed,
        SessionClosed,
        TCPError,
        TestAborted,
        UnknownOption,
        WSError,
    )
    from k6ws.flow import check, fail, group, random_seed, randomSeed, sleep, wait
    from k6ws.offloading import offload
    from k6ws.pauses import barrier, think

__all__ = [
    "AsyncSession",
    "Backoff",
    "BarrierTimeout",
    "CodecError",
    "ConnectError",
    "ConnectFailed",
    "DuplicateKey",
    "FeederExhausted",
    "FramingError",
    "InitContextError",
    "Interrupted",
    "InvalidAccessError",
    "InvalidCloseCode",
    "InvalidCloseReason",
    "InvalidParameter",
    "InvalidStateError",
    "K6Error",
    "MissingKey",
    "Operation",
    "Options",
    "OptionsError",
    "Params",
    "RecvTimeout",
    "Reply",
    "RequestFailed",
    "Result",
    "Scenario",
    "Session",
    "SessionClosed",
    "Stage",
    "TCPError",
    "TestAborted",
    "Threshold",
    "Tls",
    "UnknownOption",
    "WSError",
    "__version__",
    "arun",
    "barrier",
    "check",
    "correlate",
    "env",
    "execution",
    "fail",
    "feeder",
    "framing",
    "group",
    "http",
    "match",
    "metrics",
    "offload",
    "randomSeed",
    "random_seed",
    "run",
    "sleep",
    "summary",
    "tcp",
    "testing",
    "think",
    "timers",
    "utils",
    "wait",
    "websockets",
    "ws",
]

# Where each name comes from when it is first asked for: a script uses few of them, and waits for no more.
_HOMES = {
    "AsyncSession": "k6ws._conversation",
    "Backoff": "k6ws._conversation",
    "BarrierTimeout": "k6ws.errors",
    "CodecError": "k6ws.errors",
    "ConnectError": "k6ws.errors",
    "ConnectFailed": "k6ws.errors",
    "DuplicateKey": "k6ws.errors",
    "FeederExhausted": "k6ws.errors",
    "FramingError": "k6ws.errors",
    "InitContextError": "k6ws.errors",
    "Interrupted": "k6ws.errors",
    "InvalidAccessError": "k6ws.errors",
    "InvalidCloseCode": "k6ws.errors",
    "InvalidCloseReason": "k6ws.errors",
    "InvalidParameter": "k6ws.errors",
    "InvalidStateError": "k6ws.errors",
    "K6Error": "k6ws.errors",
    "MissingKey": "k6ws.errors",
    "Operation": "k6ws._loop",
    "Options": "k6ws._typed",
    "OptionsError": "k6ws.errors",
    "Params": "k6ws._params.keywords",
    "RecvTimeout": "k6ws.errors",
    "Reply": "k6ws._conversation",
    "RequestFailed": "k6ws.errors",
    "Result": "k6ws._result",
    "Scenario": "k6ws._typed",
    "Session": "k6ws._conversation",
    "SessionClosed": "k6ws.errors",
    "Stage": "k6ws._typed",
    "TCPError": "k6ws.errors",
    "TestAborted": "k6ws.errors",
    "Threshold": "k6ws._typed",
    "Tls": "k6ws._params.keywords",
    "UnknownOption": "k6ws.errors",
    "WSError": "k6ws.errors",
    "arun": "k6ws._run.api",
    "barrier": "k6ws.pauses",
    "check": "k6ws.flow",
    "correlate": "k6ws.correlate",
    "env": "k6ws._environment",
    "errors": "k6ws.errors",
    "execution": "k6ws.execution",
    "fail": "k6ws.flow",
    "feeder": "k6ws.feeder",
    "flow": "k6ws.flow",
    "framing": "k6ws.framing",
    "group": "k6ws.flow",
    "http": "k6ws.http",
    "match": "k6ws.match",
    "metrics": "k6ws.metrics",
    "offload": "k6ws.offloading",
    "randomSeed": "k6ws.flow",
    "random_seed": "k6ws.flow",
    "run": "k6ws._run.api",
    "sleep": "k6ws.flow",
    "summary": "k6ws.summary",
    "tcp": "k6ws.tcp",
    "testing": "k6ws.testing",
    "think": "k6ws.pauses",
    "timers": "k6ws.timers",
    "utils": "k6ws.utils",
    "wait": "k6ws.flow",
    "websockets": "k6ws.websockets",
    "ws": "k6ws.ws",
}

if _core.IS_DEBUG_BUILD:
    warnings.warn(
        "this build of k6ws is not optimised (a debug build): it is slow, and so are the times it measures; "
        "`make build` or `pip install .` makes one whose numbers count",
        RuntimeWarning,
        stacklevel=2,
    )

if not TYPE_CHECKING:
    # Type checkers have the imports above; a name that is not there is an error to them.

    def __getattr__(name: str) -> Any:
        """Load what is asked for, and keep it: the next one who asks finds it without this."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        module = import_module(home)
        found = module if home == f"{__name__}.{name}" else getattr(module, name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Every name, asked for yet or not."""
    return sorted({*globals(), *_HOMES})
