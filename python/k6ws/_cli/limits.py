"""What this machine allows, told before a run that it is going to stop."""

from __future__ import annotations

import logging

from k6ws import _core, _limits

logger = logging.getLogger("k6ws")


def warn_of_limits(options: _core.Options) -> None:
    """Raise what this process may raise, and tell what a run of this size will run into.

    A run is not refused for it: a VU may well open no socket.
    """
    _limits.raise_open_files()
    need = _limits.Need(options.max_vus, options.sources)
    for one in _limits.find(_limits.read_machine(), need):
        if one.level is _limits.Level.STOP:
            logger.warning(
                "%d VUs with a socket each need %s %s, have %s: %s",
                need.connections, one.need, one.topic, one.have, one.fix,
            )  # fmt: skip
