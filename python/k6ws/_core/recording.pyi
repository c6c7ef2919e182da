"""A run as files of snapshots tell it, or as it was kept while it lasted."""

from pathlib import Path
from typing import Any, final

@final
class Recording:
    """A run, as far as it was told."""

    def troubles(self) -> list[str]:
        """What is missing of each file whose end is."""

    def told(self) -> list[str | None]:
        """What only Python knew of each process, as JSON; nothing of one that never said it."""

    def until(self) -> float:
        """When it was told last, in milliseconds since 1970."""

    def summary(
        self, no_color: bool, stdout_is_tty: bool, stderr_is_tty: bool, mode: str
    ) -> dict[str, Any]:
        """What happened, in the schema of `handle_summary`, as `Run.summary` said it."""

    def silent_metrics(self) -> dict[str, Any]:
        """Every metric without a sample, by name, as `summary` would have it."""

def read_snapshots(paths: list[Path]) -> Recording:
    """Read files of snapshots; several are those of one test, and are added up.

    Raises:
        K6Error: One of them cannot be read, is damaged, or is of another test.
    """
