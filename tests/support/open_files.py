"""The open files of this process, as the operating system lists them."""

from __future__ import annotations

from pathlib import Path


def open_files() -> dict[str, str]:
    """Descriptor to what it is, such as `socket:[1234]`."""
    held: dict[str, str] = {}
    for fd in Path("/proc/self/fd").iterdir():
        try:
            held[fd.name] = str(fd.readlink())
        except FileNotFoundError:
            continue  # the descriptor of this very listing
    return held
