"""What stands for an argument that a call does not say, where ``None`` means something."""

from typing import Any

UNSET: Any = object()
