"""What values of options are made of."""

from __future__ import annotations

from typing import TypeAlias

Duration: TypeAlias = str | float
"""``"1m30s"``, ``"500ms"``, ``"1d2h"``; a number is milliseconds."""
Number: TypeAlias = int | str
"""A whole number, perhaps as text: what scripts take from variables is text."""
