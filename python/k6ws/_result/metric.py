"""The figures of one metric, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from k6ws.errors import NoSamples

Other = TypeVar("Other")


class Figures(Mapping[str, float]):
    """The figures of one metric, by k6's names (``p(95)``) and, where Python allows, as attributes.

    A counter has ``count`` and ``rate``; a gauge ``value``, ``min``, ``max``; a rate ``rate``, ``passes``,
    ``fails``; a trend the statistics of ``summaryTrendStats``. Without samples there are none but counts:
    ``["p(95)"]`` raises :class:`k6ws.errors.NoSamples`, ``.get("p(95)")`` gives ``None``.
    """

    def __init__(self, name: str, kind: str, values: Mapping[str, float | None]) -> None:
        self.name = name
        self.kind = kind
        self._values = values

    def __getitem__(self, figure: str) -> float:
        value = self._values[figure]
        if value is None:
            message = f"the {self.kind} {self.name} has no {figure}: there are no samples"
            raise NoSamples(message, f".get({figure!r}) gives None in place of this error")
        return value

    def __contains__(self, figure: object) -> bool:
        return self._values.get(cast("str", figure)) is not None

    @overload
    def get(self, figure: str, default: None = None) -> float | None: ...
    @overload
    def get(self, figure: str, default: float | Other) -> float | Other: ...
    def get(self, figure: str, default: Any = None) -> Any:
        """The figure, or ``default`` where there is none."""
        value = self._values.get(figure)
        return default if value is None else value

    if not TYPE_CHECKING:
        # Type checkers know the figures of each kind; another name is an error to them.

        def __getattr__(self, figure: str) -> float:
            """The figure of this name."""
            if figure.startswith("_"):
                # No figure begins like that: copying asks for such names before there are any figures.
                raise AttributeError(figure)
            if figure in self._values:
                return self[figure]
            known = ", ".join(self._values)
            message = f"the {self.kind} {self.name} has no figure {figure!r}, only {known}"
            raise AttributeError(message)

    def __iter__(self) -> Iterator[str]:
        return (figure for figure, value in self._values.items() if value is not None)

    def __len__(self) -> int:
        return sum(value is not None for value in self._values.values())

    def __repr__(self) -> str:
        return f"Metric({self.name!r}, {dict(self._values)!r})"


class Metric(Figures):
    """A metric of a result. Only a run knows which of these figures it has: those of its kind."""

    if TYPE_CHECKING:
        avg: float
        count: float
        fails: float
        max: float
        med: float
        min: float
        passes: float
        rate: float
        value: float
