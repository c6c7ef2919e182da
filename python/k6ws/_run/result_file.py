"""A file that a result goes to: looked at before the run, made once there is a result, whole or not at all.

Whoever reads it, and whatever ends this process, finds the old file or the new one.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from k6ws._run.plain_text import ERRORS
from k6ws.errors import OptionsError

_STANDARD_STREAMS = (1, 2)


class ResultFile:
    """Where a result is to go, named by a flag or an option.

    Raises:
        OptionsError: It cannot be written. Nothing was made, and nothing was taken away.
    """

    def __init__(self, path: str, what: str) -> None:
        """``what`` is where the path was given, such as ``--junit``."""
        if path in {"", "-"}:
            message = f"invalid value for {what}: {path!r} is no file"
            raise OptionsError(message, "name one; /dev/stdout is standard output")
        self.path = Path(path)
        try:
            self._look()
        except (OSError, ValueError) as error:
            message = f"cannot write {what} {path!r}: {_reason(error)}"
            raise OptionsError(message) from None

    @property
    def is_stream(self) -> bool:
        """Whether what was written stays written: a pipe, a device, where this process prints."""
        found = _status(self.path)
        return found is not None and (not stat.S_ISREG(found.st_mode) or _is_printed_to(found))

    def write(self, text: str) -> str:
        """Have this be the content; why that was not possible, or nothing."""
        data = text.encode("utf-8", ERRORS)
        try:
            if self.is_stream:
                self._append(data)
            elif not self._replace(data):
                self.path.write_bytes(data)
        except OSError as error:
            return _reason(error)
        return ""

    def _look(self) -> None:
        """Try what can be tried without a trace."""
        found = _status(self.path)
        if found is None or self._can_be_replaced(found):
            with _neighbour(self._target()):
                return
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(None, "Is a directory")
        if not os.access(self.path, os.W_OK):
            raise PermissionError(None, "Permission denied")

    def _target(self) -> Path:
        """The file itself, where the path is a link to it."""
        return Path(os.path.realpath(self.path))

    def _can_be_replaced(self, found: os.stat_result) -> bool:
        """Whether a new file may take the place of the old one, with all that this one is."""
        is_plain = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
        is_ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        may_change = os.access(self.path, os.W_OK) and os.access(self._target().parent, os.W_OK)
        return is_plain and is_ours and may_change and not _is_printed_to(found)

    def _replace(self, data: bytes) -> bool:
        """Put a new file there; false where that is only possible in place."""
        found = _status(self.path)
        if found is not None and not self._can_be_replaced(found):
            return False
        target = self._target()
        with _neighbour(target) as made:
            made.write_bytes(data)
            if found is not None:
                made.chmod(stat.S_IMODE(found.st_mode))
            try:
                made.replace(target)
            except OSError:
                # Such as a file that a container has from outside: it can be written, and not replaced.
                if found is None:
                    raise
                return False
        return True

    def _append(self, data: bytes) -> None:
        found = self.path.stat()
        printed = [number for number in _STANDARD_STREAMS if _is_open_as(number, found)]
        if printed:
            # Its own place in the file would be behind the text, and the next text over it.
            number = os.dup(printed[0])
        else:
            # A pipe that nobody reads must not hold up the end of a run.
            number = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
            os.set_blocking(number, True)
        with open(number, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(data)


def refuse_one_for_two(named: Mapping[str, Path], others: Iterable[tuple[str, str]]) -> None:
    """Refuse paths by which one file would be written over another, or over what the run is made of.

    Args:
        named: The files that are to be made, by their flags.
        others: What else is read or written, by what it is.

    Raises:
        OptionsError: Two are one file.
    """
    known: dict[object, str] = {}
    for what, path in [*others, *((flag, str(path)) for flag, path in named.items())]:
        for key in _identity(path):
            other = known.setdefault(key, what)
            if other != what and what in named:
                message = f"{other} and {what} name one file, {path!r}: one would be lost"
                raise OptionsError(message, "give each a name of its own")


def _identity(path: str) -> Iterator[object]:
    """What a file is known by, under whatever name; a device takes what comes, from whom ever."""
    try:
        found = _status(Path(path))
        if found is None:
            target = Path(os.path.realpath(path))
            parent = target.parent.stat()
            yield parent.st_dev, parent.st_ino, target.name
        elif stat.S_ISREG(found.st_mode):
            yield found.st_dev, found.st_ino
    except (OSError, ValueError):
        # Whoever opens it says what is wrong.
        return


@contextmanager
def _neighbour(target: Path) -> Generator[Path]:
    """A new file in the same folder, which is not there any more afterwards unless it was moved."""
    made = target.parent / f".k6ws-{os.urandom(8).hex()}"
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield made
    finally:
        with suppress(FileNotFoundError):
            made.unlink()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_printed_to(found: os.stat_result) -> bool:
    return any(_is_open_as(number, found) for number in _STANDARD_STREAMS)


def _is_open_as(number: int, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(found, os.fstat(number))
    except OSError:
        return False


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
