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
"""

import warnings
from typing import TYPE_CHECKING, Any

from k6ws import _core, execution, http, metrics, tcp, timers, utils, websockets, ws
from k6ws._core import __version__
from k6ws._environment import env
from k6ws._run import Result, arun, run
from k6ws.errors import (
    ConnectError,
    InitContextError,
    Interrupted,
    InvalidAccessError,
    InvalidCloseCode,
    InvalidCloseReason,
    InvalidParameter,
    InvalidStateError,
    K6Error,
    OptionsError,
    TCPError,
    TestAborted,
    UnknownOption,
    WSError,
)
from k6ws.flow import check, fail, group, random_seed, randomSeed, sleep, wait

if TYPE_CHECKING:
    from k6ws import summary

__all__ = [
    "ConnectError",
    "InitContextError",
    "Interrupted",
    "InvalidAccessError",
    "InvalidCloseCode",
    "InvalidCloseReason",
    "InvalidParameter",
    "InvalidStateError",
    "K6Error",
    "OptionsError",
    "Result",
    "TCPError",
    "TestAborted",
    "UnknownOption",
    "WSError",
    "__version__",
    "arun",
    "check",
    "env",
    "execution",
    "fail",
    "group",
    "http",
    "metrics",
    "randomSeed",
    "random_seed",
    "run",
    "sleep",
    "summary",
    "tcp",
    "timers",
    "utils",
    "wait",
    "websockets",
    "ws",
]

if _core.IS_DEBUG_BUILD:
    warnings.warn(
        "this build of k6ws is not optimised (a debug build): it is slow, and so are the times it measures; "
        "`make build` or `pip install .` makes one whose numbers count",
        RuntimeWarning,
        stacklevel=2,
    )


def __getattr__(name: str) -> Any:
    """Load what draws summaries when it is asked for: few programs and scripts do."""
    if name == "summary":
        import importlib  # noqa: PLC0415 - as above

        return importlib.import_module("k6ws.summary")
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
