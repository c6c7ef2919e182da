"""Secrets that lie in tracked files: keys, tokens, passwords in addresses.

What a test shows on purpose is written so that it does not look like one: put together, or plain words.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

PATTERNS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
    "a key of a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of a forge": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20})",
    "a token of a registry": r"\b(?:pypi-[\w-]{60,}|npm_[A-Za-z0-9]{36}|cio[A-Za-z0-9]{32})\b",
    "a token of a chat": r"\bxox[abprs]-[\w-]{20,}",
    "a signed token": r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}",
    "an assigned secret": (
        r"""(?i:secret|token|passw(?:or)?d|api_?key)["']?\s*[:=]\s*["'](?=[^"']*\d)(?=[^"']*[a-z])"""
        r"""[\w+/=-]{20,}["']"""
    ),
}
ONE = re.compile(
    "|".join(f"(?P<_{number}>{pattern})" for number, pattern in enumerate(PATTERNS.values()))
)


def findings(root: Path) -> list[str]:
    """Where something looks like a secret, without repeating it."""
    command = ["git", "ls-files", "-z"]
    said = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    paths = (root / name for name in said.split("\0") if name)
    texts = ((path, path.read_text(errors="replace")) for path in paths if path.is_file())
    return [
        f"{path.relative_to(root)}:{line}: {what}"
        for path, text in texts
        for line, what in found(text)
    ]


def found(text: str) -> Iterator[tuple[int, str]]:
    """Lines with what looks like a secret, and which."""
    names = list(PATTERNS)
    for match in ONE.finditer(text):
        number = int((match.lastgroup or "_0").removeprefix("_"))
        yield text.count("\n", 0, match.start()) + 1, names[number]
