"""The page of a run: its text as the build made it, and a report, which is the page with data in it."""

from __future__ import annotations

from pathlib import Path

from k6ws.errors import OptionsError

PAGE = Path(__file__).parent / "_ui" / "page.html"
"""What `make page` builds; carried in wheels."""

_OPEN = '<script type="application/json" id="data">'
_CLOSE = "</script>"
# None of these may stand in a script element as it is, or end it; in JSON their escapes mean the same.
_ESCAPED = "<>&\u2028\u2029"


def page_text(what: str) -> str:
    """The text of the page, without data.

    Raises:
        OptionsError: It was not built, or is damaged; ``what`` needs it, such as ``--report``.
    """
    try:
        text = PAGE.read_text(encoding="utf-8")
        with_data(text, "")
    except FileNotFoundError:
        message = f"{what} needs the page, which was not built here"
        raise OptionsError(message, "run `make page`, or install k6ws from a wheel") from None
    except (OSError, ValueError) as error:
        message = f"{what} needs the page, and {str(PAGE)!r} cannot be read: {error}"
        raise OptionsError(message) from None
    return text


def with_data(text: str, data: str) -> str:
    """The page with this JSON in it: one file that needs nothing else.

    Raises:
        ValueError: It is not the page: there is not the one place where data goes.
    """
    before, place, after = text.partition(_OPEN + _CLOSE)
    if not place or _OPEN in after:
        message = "the page has no one place for its data"
        raise ValueError(message)
    for sign in _ESCAPED:
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    return f"{before}{_OPEN}{data}{_CLOSE}{after}"
