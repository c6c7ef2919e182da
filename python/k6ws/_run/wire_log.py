"""What passes on the first connections of a run, in the log: for a person who asks why."""

from __future__ import annotations

import logging

from k6ws import _core

logger = logging.getLogger("k6ws")

WIRE_LOG_MS = 100.0


class WireLog:
    """Tells what passes on the first connections of a run."""

    def __init__(self, core: _core.Run, connections: int) -> None:
        """Show handshakes and frames of so many connections, secrets masked."""
        self._core = core
        _core.log_wire(core, connections)

    def tell(self) -> None:
        """Log what has passed since the last time."""
        lines, lost = _core.wire_log_lines(self._core)
        for line in lines:
            logger.info("ws-debug %s", line)
        if lost:
            logger.warning("ws-debug: %d lines are missing here: they came too fast", lost)
