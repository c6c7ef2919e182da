"""The user's script: a file, an archive or a function, with its options.

`archive` is imported by who reads or writes one: few runs do.
"""

from k6ws._script.load import (
    Script,
    ScriptError,
    ScriptUnreadableError,
    from_file,
    from_function,
    from_stream,
    is_archive,
)
from k6ws._script.touched import Touched

__all__ = [
    "Script",
    "ScriptError",
    "ScriptUnreadableError",
    "Touched",
    "from_file",
    "from_function",
    "from_stream",
    "is_archive",
]
