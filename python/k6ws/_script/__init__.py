"""The user's script: a file or a function, with its options."""

from k6ws._script.load import Script, ScriptError, from_file, from_function

__all__ = ["Script", "ScriptError", "from_file", "from_function"]
