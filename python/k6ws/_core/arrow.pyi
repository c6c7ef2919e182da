"""Tables for whatever reads Arrow."""

from collections.abc import Sequence
from typing import Any

def arrow_stream(columns: Sequence[tuple[str, str, list[Any]]]) -> object:
    """A capsule of the Arrow PyCapsule interface, with a stream of one batch.

    A column has a name, a kind (`text`, `tags`, `number`, `count`) and values, all of one length.
    """
