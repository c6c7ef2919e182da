"""Exit codes, the same numbers as k6's."""

OK = 0
INVALID_CONFIG = 104
EXTERNAL_ABORT = 105
SCRIPT_EXCEPTION = 107
"""The script could not be loaded."""
STUCK = 109
"""A handler could not be stopped: the run ended without it."""
GENERIC = 255
