"""The user's script: a file, an archive or a function, with its options."""

from k6ws._script.archive import Archive, is_archive, pack, unpack
from k6ws._script.load import (
    Script,
    ScriptError,
    ScriptUnreadableError,
    from_file,
    from_function,
    from_stream,
)
from k6ws._script.touched import Touched

__all__ = [
    "Archive",
    "Script",
    "ScriptError",
    "ScriptUnreadableError",
    "Touched",
    "from_file",
    "from_function",
    "from_stream",
    "is_archive",
    "pack",
    "unpack",
]
