"""Values that people write, read as the core reads them."""

def parse_duration(text: str) -> float:
    """Return the milliseconds in a duration such as `1m30s`; `ValueError` if it is none."""

def may_close_with(code: int) -> bool:
    """Whether a script may close with this code (RFC 6455 section 7.4)."""
