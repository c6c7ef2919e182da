"""Which files a script needed while it was loaded: the modules it imported, the files it opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from k6ws._script.load import is_ours

_WRITES = os.O_WRONLY | os.O_RDWR
# What is installed rather than written for this test, and what is hidden: `.env` holds secrets.
_NEVER = {"site-packages", "dist-packages", "__pycache__", "node_modules"}


class Touched:
    """Watches from the start to the end of a ``with`` block.

    Args:
        base: Only what lies below this folder counts.
    """

    def __init__(self, base: Path) -> None:
        self._base = base.resolve()
        self._modules: frozenset[str] = frozenset()
        self._opened: set[Path] = set()
        self._imported: set[Path] = set()

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._modules = frozenset(sys.modules)
        _Opening.tell = self._note
        if not _Opening.is_installed:
            # Python has no way to take a hook away again, so there is one, and it is idle.
            sys.addaudithook(_Opening.hook)
            _Opening.is_installed = True
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        _Opening.tell = None

    def look_at_modules(self) -> None:
        """See what has been imported; call it while the script is there."""
        for name in sys.modules.keys() - self._modules:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str):
                self._imported.add(Path(file).resolve())

    def files(self) -> list[Path]:
        """What belongs to the script, sorted."""
        return sorted(path for path in self._opened | self._imported if self._belongs(path))

    def left_out(self) -> list[Path]:
        """Files the script opened that do not belong to it, sorted."""
        installed = (sys.prefix, sys.base_prefix, sys.exec_prefix)
        return sorted(
            path
            for path in self._opened
            if not self._belongs(path)
            and path.is_file()
            and not is_ours(str(path))
            and not _NEVER & set(path.parts)
            and not str(path).startswith((*installed, "/proc/", "/sys/", "/dev/", "/usr/", "/etc/"))
        )

    def _belongs(self, path: Path) -> bool:
        if is_ours(str(path)) or not path.is_relative_to(self._base) or not path.is_file():
            return False
        parts = path.relative_to(self._base).parts
        return not any(part in _NEVER or part.startswith(".") for part in parts)

    def _note(self, name: Any, flags: Any) -> None:
        is_path = isinstance(name, (str, bytes, os.PathLike))
        if is_path and not (isinstance(flags, int) and flags & _WRITES):
            # Resolved now: the working directory may change.
            self._opened.add(Path(os.fsdecode(name)).resolve())  # pyright: ignore[reportUnknownArgumentType]


class _Opening:
    """The one audit hook of the process, and who is told."""

    is_installed = False
    tell: Callable[[Any, Any], None] | None = None

    @staticmethod
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        """Pass on that a file is opened."""
        if event == "open" and _Opening.tell is not None:
            tell, _Opening.tell = _Opening.tell, None
            try:
                tell(arguments[0], arguments[2])
            finally:
                _Opening.tell = tell
