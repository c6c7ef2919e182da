"""What a script is told, some of it once however often it happens: a flood of one line hides every other."""

from __future__ import annotations


def warn(text: str, *arguments: object) -> None:
    """Log a warning; most scripts cause none, and do not load `logging` either."""
    import logging  # noqa: PLC0415 - as above

    logging.getLogger("k6ws").warning(text, *arguments, stacklevel=2)


class Notices:
    """The warnings of one loop; each run begins anew."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[object] = set()

    def warn(self, about: object, text: str) -> None:
        """Warn, unless this has been said ``about`` the same."""
        if about not in self._said:
            self._said.add(about)
            warn("%s", text)

    def forget(self) -> None:
        """A run begins: say everything again."""
        self._said.clear()
