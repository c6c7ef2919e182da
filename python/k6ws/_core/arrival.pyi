"""A message on its way to whoever decides about it."""

from typing import final

@final
class Arrival:
    """A message that callables of the script have a say in."""

    @property
    def data(self) -> str | bytes:
        """As it came."""
