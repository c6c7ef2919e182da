"""The old name of :mod:`k6ws.timers`."""

import warnings

from k6ws import timers as _graduated
from k6ws.timers import *  # noqa: F403 - everything, whatever it will be

__all__ = list(_graduated.__all__)  # pyright: ignore[reportUnsupportedDunderAll]

warnings.warn(
    "k6ws.experimental.timers is now k6ws.timers: change the import",
    DeprecationWarning,
    stacklevel=2,
)
