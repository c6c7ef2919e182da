"""What shows how far a run is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from .progress import Progress

__all__ = ["Display"]


class Display(ABC):
    """Shows a run for the length of a `with` block; who takes no place for it has nothing to give back."""

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(  # noqa: B027 - there may be nothing to do
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state there."""

    @abstractmethod
    def update(self, progress: Progress) -> None:
        """Show this state."""
