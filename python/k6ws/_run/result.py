"""What a run gives back: typed figures, and the data that ``handle_summary`` knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k6ws._run.exceptions import ScriptException


class Metric(Mapping[str, float]):
    """The figures of one metric, by k6's names (``p(95)``) and, where Python allows, as attributes.

    A counter has ``count`` and ``rate``; a gauge ``value``, ``min``, ``max``; a rate ``rate``, ``passes``,
    ``fails``; a trend the statistics of ``summaryTrendStats``.
    """

    def __init__(self, name: str, kind: str, values: Mapping[str, float]) -> None:
        self.name = name
        self.kind = kind
        self._values = values

    def __getitem__(self, figure: str) -> float:
        return self._values[figure]

    def __getattr__(self, figure: str) -> float:
        if figure.startswith("_"):
            # No figure begins like that: copying asks for such names before there are any figures.
            raise AttributeError(figure)
        try:
            return self._values[figure]
        except KeyError:
            known = ", ".join(self._values)
            message = f"the {self.kind} {self.name} has no figure {figure!r}, only {known}"
            raise AttributeError(message) from None

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Metric({self.name!r}, {dict(self._values)!r})"


@dataclass(frozen=True)
class Check:
    """How often a check passed and failed."""

    passes: int
    fails: int


@dataclass(frozen=True)
class Threshold:
    """One condition of ``thresholds``, and whether it holds."""

    metric: str
    """The metric and its selector, as written in the options."""
    expression: str
    ok: bool
    """Whether it holds; without data it does not, unless ``allowNoData`` says so."""
    value: float | None
    """The figure that was compared; with a window, that of the worst window. ``None`` without data."""

    @property
    def no_data(self) -> bool:
        """Whether there was nothing to judge by."""
        return self.value is None


class Result:
    """The outcome of a run.

    Attributes:
        exit_code: What the command line would exit with.
        metrics: Name to :class:`Metric`, for every metric that has samples or is named by a threshold,
            parts such as ``ws_ping{scenario:chat}`` included.
        checks: Name to :class:`Check`; checks of one name in several groups are added up, the tree is in
            ``to_dict()``.
        thresholds: Every :class:`Threshold`, by metric.
        exceptions: What ended iterations early, by kind and place.
    """

    def __init__(
        self,
        data: dict[str, Any],
        series: Mapping[str, list[dict[str, Any]]],
        exceptions: list[ScriptException],
        exit_code: int,
    ) -> None:
        """Made by ``k6ws.run``."""
        self._data = data
        self._series = series
        self.exit_code = exit_code
        self.exceptions = exceptions
        self.metrics = {
            name: Metric(name, metric["type"], metric["values"])
            for name, metric in data["metrics"].items()
        }
        self.thresholds = [
            Threshold(name, expression, verdict["ok"], verdict["value"])
            for name, metric in data["metrics"].items()
            for expression, verdict in metric.get("thresholds", {}).items()
        ]
        self.checks: dict[str, Check] = {}
        self._gather_checks(data["root_group"])

    @property
    def passed(self) -> bool:
        """Whether the exit code is 0: nothing ended the run early, and every threshold holds."""
        return self.exit_code == 0

    @property
    def trustworthy(self) -> bool:
        """Whether the numbers are the target's, not this process's own; ``to_dict()`` has the reasons."""
        return bool(self._data["run"]["trustworthy"])

    def series(self, name: str) -> list[tuple[dict[str, str], dict[str, float]]]:
        """Every time series of a metric in ``metrics``: its tags and its figures; empty without samples."""
        return [(one["tags"], one["values"]) for one in self._series.get(name, [])]

    def to_dict(self) -> dict[str, Any]:
        """The data of ``handle_summary``, ready for JSON."""
        return self._data

    def __repr__(self) -> str:
        return f"<k6ws.Result exit_code={self.exit_code} metrics={len(self.metrics)}>"

    def _gather_checks(self, group: Mapping[str, Any]) -> None:
        for check in group["checks"]:
            known = self.checks.get(check["name"], Check(0, 0))
            self.checks[check["name"]] = Check(
                known.passes + check["passes"], known.fails + check["fails"]
            )
        for inner in group["groups"]:
            self._gather_checks(inner)
