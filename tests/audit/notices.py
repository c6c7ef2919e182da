"""The licences of what a wheel has in it, as their authors wrote them: each text once, with whom it is of.

The same parts give the same bytes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from .parts import Part

NAMES = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
HEAD = """\
What others wrote and k6ws has in it, in its extension and in its page. k6ws itself is under Apache-2.0, see
LICENSE. The extension is linked with the standard library of Rust: Copyright (c) The Rust Project
Contributors, MIT OR Apache-2.0.
"""
RULE = "-" * 100


def write(path: Path, parts: Sequence[Part]) -> Path:
    """Writes the texts of these parts."""
    path.write_text(notices(parts))
    return path


def notices(parts: Iterable[Part]) -> str:
    """Who is in it, then every text."""
    parts = sorted(parts, key=lambda part: part.url)
    whose: defaultdict[str, list[str]] = defaultdict(list)
    wording: dict[str, str] = {}
    for part in parts:
        for text in texts(part.folder):
            # Some wrap the same words differently.
            words = " ".join(text.split())
            wording.setdefault(words, text.strip("\n"))
            whose[words].append(f"{part.name} {part.version}")
    listed = [f"{part.name} {part.version}: {part.licence.replace('/', ' OR ')}" for part in parts]
    blocks = [f"{', '.join(names)}\n\n{wording[words]}" for words, names in whose.items()]
    return f"\n{RULE}\n".join([f"{HEAD}\n" + "\n".join(listed), *blocks]) + "\n"


def texts(folder: Path | None) -> list[str]:
    """The files of a package that are about its licence, in its own folder or in one for them."""
    if folder is None or not folder.is_dir():
        return []
    named = sorted(one for one in folder.iterdir() if NAMES.match(one.name))
    files = [one for it in named for one in ([it] if it.is_file() else sorted(it.iterdir()))]
    return [one.read_text(errors="replace") for one in files if one.suffix != ".rs"]
