"""A message on its way to whoever decides about it."""

from typing import final

from k6ws._core.event import MessageEvent

@final
class Arrival:
    """A message that callables of the script have a say in."""

    @property
    def data(self) -> str | bytes:
        """As it came."""

    def event(self, socket: object) -> MessageEvent:
        """The same as the event that listeners of this socket are given."""
