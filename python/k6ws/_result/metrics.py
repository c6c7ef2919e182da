"""The metrics of a run, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from k6ws._result.metric import Metric

if TYPE_CHECKING:
    from k6ws._result.figures import (
        CounterFigures,
        CounterName,
        GaugeFigures,
        GaugeName,
        RateFigures,
        RateName,
        TrendFigures,
        TrendName,
    )


class Metrics(dict[str, Metric]):
    """Name to :class:`Metric`, for what has samples or is named by a threshold.

    Any other metric that there is, built in or declared, can be asked for as well, and has no samples.
    """

    def __init__(
        self, measured: Mapping[str, Mapping[str, Any]], silent: Mapping[str, Mapping[str, Any]]
    ) -> None:
        super().__init__((name, _metric(name, one)) for name, one in measured.items())
        self._silent = dict(silent)

    if TYPE_CHECKING:
        # Each is a `Metric`, of which less is seen: no other name has the figures of these for certain.
        @overload
        def __getitem__(  # pyright: ignore[reportOverlappingOverload]
            self, name: TrendName, /
        ) -> TrendFigures: ...
        @overload
        def __getitem__(self, name: CounterName, /) -> CounterFigures: ...
        @overload
        def __getitem__(self, name: RateName, /) -> RateFigures: ...
        @overload
        def __getitem__(self, name: GaugeName, /) -> GaugeFigures: ...
        @overload
        def __getitem__(self, name: str, /) -> Metric: ...
        def __getitem__(self, name: str, /) -> Any: ...

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
