"""The states of a session, and the events that it tells its handlers of by itself."""

from __future__ import annotations

OPENING, OPEN, CLOSING, CLOSED = "opening", "open", "closing", "closed"
DOWN = "down"
"""It has lost its connection, and tries to have another one."""

# Kinds beside those of the core, which are fewer than these.
BACK = 250
"""It has a connection again, and everybody may speak."""
DROPPED = 251
"""The stream of a connection is gone, and its session is not over."""
OVER = 252
"""It does not come back."""
