"""Messages of JSON."""

from typing import Any

def decode_json(data: str | bytes | bytearray | memoryview) -> Any:
    """What a message of JSON says; of a member that is there twice the last one counts.

    Raises:
        CodecError: It is not JSON.
    """

def encode_json(message: object) -> str | None:
    """A message as JSON; `None` where Python's `json` has to look."""
