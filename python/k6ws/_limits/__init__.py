"""What this machine allows a load test: read once, and compared with what the test needs."""

from k6ws._limits.findings import Finding, Level, Need, find
from k6ws._limits.machine import Machine, read_machine
from k6ws._limits.open_files import raise_open_files

__all__ = ["Finding", "Level", "Machine", "Need", "find", "raise_open_files", "read_machine"]
