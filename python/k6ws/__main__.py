"""``python -m k6ws``."""

from k6ws._cli.main import entry

entry()
