"""Who is called for events. For type checkers only."""

from collections.abc import Callable
from typing import Any, TypeAlias

# Called with an event's kind and its data.
Receiver: TypeAlias = Callable[[int, Any], object]
