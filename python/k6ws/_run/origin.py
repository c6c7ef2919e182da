"""Where a run comes from, as it is told with its snapshots; the core masks what may be secret."""

from __future__ import annotations

import contextlib
import inspect
import os
import platform
import shlex
import sys
from typing import Any

from k6ws import _core
from k6ws._environment import env
from k6ws._script import Script


def origin(script: Script) -> dict[str, Any]:
    """The script, what it was given by name, and what it runs on; ready for JSON, with its secrets."""
    return {
        "script": script.name,
        "source": _source(script),
        "environment": env.known(),
        "machine": {
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "k6ws": _core.__version__,
            "platform": platform.platform(),
            "cpus": str(os.cpu_count() or "unknown"),
            "command line": shlex.join([os.path.basename(sys.argv[0] or "python"), *sys.argv[1:]]),  # noqa: PTH119 - of a text
        },
    }


def _source(script: Script) -> str | None:
    if script.source is not None:
        return script.source
    with contextlib.suppress(OSError, TypeError, KeyError):
        return inspect.getsource(script.functions["default"])
    return None
