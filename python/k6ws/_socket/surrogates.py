"""Text that no encoding can write: surrogates without their other half, as JSON may have them."""

from __future__ import annotations


def well_formed(text: str) -> str:
    r"""``text`` with pairs of surrogates joined, and each that is alone replaced by U+FFFD, as k6 sends it.

    For example::

        >>> well_formed("a\ud83d\ude00b\ud83d") == "a\U0001f600b\ufffd"
        True
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_well_formed(text: str) -> bool:
    """Whether it can be written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
