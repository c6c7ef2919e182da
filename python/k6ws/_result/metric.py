"""The figures of metrics, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from k6ws.errors import NoSamples


class Metric(Mapping[str, float]):
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

    def get(self, figure: str, default: Any = None) -> Any:
        """The figure, or ``default`` where there is none."""
        value = self._values.get(figure)
        return default if value is None else value

    def __getattr__(self, figure: str) -> float:
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


class Metrics(dict[str, Metric]):
    """Name to :class:`Metric`, for what has samples or is named by a threshold.

    Any other metric that there is, built in or declared, can be asked for as well, and has no samples.
    """

    def __init__(
        self, measured: Mapping[str, Mapping[str, Any]], silent: Mapping[str, Mapping[str, Any]]
    ) -> None:
        super().__init__((name, _metric(name, one)) for name, one in measured.items())
        self._silent = dict(silent)

    def __missing__(self, name: str) -> Metric:
        one = self._silent.get(name)
        if one is not None:
            return _metric(name, one)
        message = f"there is no metric {name!r}"
        whole = name.partition("{")[0]
        if whole != name and (whole in self or whole in self._silent):
            why = "a part of a metric is there where a threshold names it"
            raise KeyError(f"{message}: {why}; result.series({whole!r}) has each set of tags")
        import difflib  # noqa: PLC0415 - only for who errs

        close = difflib.get_close_matches(str(name), [*self, *self._silent], 1)
        raise KeyError(f"{message}; did you mean {close[0]!r}?" if close else message)


def _metric(name: str, entry: Mapping[str, Any]) -> Metric:
    return Metric(name, entry["type"], entry["values"])
