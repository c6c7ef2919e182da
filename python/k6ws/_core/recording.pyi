"""A run as files of snapshots tell it, or as it was kept while it lasted."""

from pathlib import Path
from typing import Any, final

@final
class Recording:
    """A run, as far as it was told."""

    def troubles(self) -> list[str]:
        """What is missing of each file whose end is."""

    def document(self) -> dict[str, Any]:
        """The document of its summary, as the run told itself.

        Raises:
            K6Error: What Python said makes no sense.
        """

    def page(self, told: str | None = ...) -> str:
        """What the page of it shows, as JSON; without a history unless that was kept.

        What Python knows of a run in this process may be ``told`` anew: it knows more than as the run ended.

        Raises:
            K6Error: What Python said makes no sense.
        """

    def silent_metrics(self) -> dict[str, Any]:
        """Every metric without a sample, by name, as `summary` would have it."""

    def rows(self) -> dict[str, Any]:
        """Every series with its figures, as `Run.rows` has them."""

def read_snapshots(paths: list[Path], *, with_history: bool = ...) -> Recording:
    """Read files of snapshots; several are those of one test, and are added up.

    What came when is kept `with_history`, for a page.

    Raises:
        K6Error: One of them cannot be read, is damaged, or is of another test.
    """
