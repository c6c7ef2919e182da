"""The old name of :mod:`k6ws.websockets`."""

import warnings

from k6ws import websockets as _graduated
from k6ws.websockets import *  # noqa: F403 - everything, whatever it will be

__all__ = list(_graduated.__all__)  # pyright: ignore[reportUnsupportedDunderAll]

warnings.warn(
    "k6ws.experimental.websockets is now k6ws.websockets: change the import",
    DeprecationWarning,
    stacklevel=2,
)
