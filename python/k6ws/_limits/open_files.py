"""The limit of open files of this process, raised as far as it may be."""

from __future__ import annotations

import contextlib
import resource


def raise_open_files() -> None:
    """Let this process have as many open files as it is allowed to ask for.

    For a process of our own only: `select` of foreign code cannot take descriptors above 1,023.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Refused where a container says so; then what there is must do.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
