"""Options from where people write them: a file, the script, the environment, the command line.

Collects the tiers and hands them to the core, which knows what the values mean and which tier wins.
"""

from k6ws._options.config_file import ConfigFile, find_config
from k6ws._options.environment import from_environment
from k6ws._options.table import ROWS, SETTINGS, Kind, Row, row_of
from k6ws._options.tiers import Source, Tier, parse
from k6ws._options.words import as_json

__all__ = [
    "ROWS",
    "SETTINGS",
    "ConfigFile",
    "Kind",
    "Row",
    "Source",
    "Tier",
    "as_json",
    "find_config",
    "from_environment",
    "parse",
    "row_of",
]
