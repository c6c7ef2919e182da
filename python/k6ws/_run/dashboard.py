"""The live page of a run: served by the core from before it until whoever looks has seen how it ended."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Generator

from k6ws import _core
from k6ws._page import page_text
from k6ws.errors import OptionsError

logger = logging.getLogger("k6ws")

_PATIENCE_MS = 2000.0
_YES, _NO = {"true", "1"}, {"false", "0"}


@contextlib.contextmanager
def served(
    wanted: str | bool | None, say: Callable[[str], object]
) -> Generator[_core.Dashboard | None]:
    """Serve the page while this lasts, if it is wanted.

    Args:
        wanted: ``HOST:PORT``, or true for 127.0.0.1:5665; false or nothing for none.
        say: Is given the line with the URL.

    Yields:
        What a run is shown by.

    Raises:
        OptionsError: The address is none, the page was not built, or the token will not do.
        CannotListen: The port is taken.
    """
    address = _address(wanted)
    if address is None:
        yield None
        return
    token = os.environ.get("K6WS_DASHBOARD_TOKEN") or None
    dashboard = _core.Dashboard(address or None, page_text("--dashboard"), token)
    try:
        say(f"dashboard: {dashboard.url()}")
        yield dashboard
    finally:
        dashboard.close(_PATIENCE_MS)
        if refused := dashboard.refused():
            logger.warning(
                "the dashboard had no room for %d connections: it serves 256 at once", refused
            )


def _address(wanted: str | bool | None) -> str | None:
    """Where it is wanted, empty where it is by default; nothing if it is not wanted."""
    if wanted is None or wanted is False:
        return None
    if wanted is True:
        return ""
    # Anybody may give anything.
    if not isinstance(wanted, str) or not wanted:  # pyright: ignore[reportUnnecessaryIsInstance]
        message = f"invalid option 'dashboard' = {wanted!r}: expected HOST:PORT, or True"
        raise OptionsError(message)
    text = wanted.lower()
    if text in _NO:
        return None
    return "" if text in _YES else wanted
