"""Text that no encoding can write: surrogates without their other half, as JSON may have them."""

from __future__ import annotations

from collections.abc import Callable


def well_formed(text: str) -> str:
    r"""``text`` with pairs of surrogates joined, and each that is alone replaced by U+FFFD, as k6 sends it.

    For example::

        >>> well_formed("a\ud83d\ude00b\ud83d") == "a\U0001f600b\ufffd"
        True
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_utf8(text: str) -> bytes:
    r"""``text`` as bytes, as k6 sends it.

    For example::

        >>> as_utf8("gr\u00fc\u00df")
        b'gr\xc3\xbc\xc3\x9f'
        >>> as_utf8("a\ud83d")
        b'a\xef\xbf\xbd'
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        return well_formed(text).encode()


def send_well_formed(send: Callable[[str], int], text: str) -> tuple[str, int]:
    """Send text that no encoding can write, as k6 does: what is sent of it, and what ``send`` answers."""
    text = well_formed(text)
    return text, send(text)


def is_well_formed(text: str) -> bool:
    """Whether it can be written."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
