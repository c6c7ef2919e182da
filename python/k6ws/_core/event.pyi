"""A message that handlers of `k6ws.websockets` are given."""

from typing import Any, Final, final

@final
class MessageEvent:
    """A message as the handlers of `k6ws.websockets` get it; made by the core."""

    @property
    def data(self) -> Any:
        """The text as `str`; binary data as a `Blob`, or as `bytes` by `binary_type`."""

    @property
    def target(self) -> Any:
        """The socket that received it."""

    type: Final[str]
    """Always `message`."""

    @property
    def timestamp(self) -> float:
        """When the message arrived, in milliseconds since 1970."""

    @property
    def timeStamp(self) -> float:  # noqa: N802 - the DOM's spelling
        """The DOM's name of `timestamp`."""

    @property
    def origin(self) -> str:
        """The URL of the socket."""

    def with_data(self, data: object) -> MessageEvent:
        """Return the same event with other data."""
