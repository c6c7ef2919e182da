"""What a run gives back: typed figures, and the data that ``handle_summary`` knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from k6ws._run.exceptions import ScriptException
from k6ws.errors import NoSamples

_Entry = TypeVar("_Entry")


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


@dataclass(frozen=True)
class ConnectionFailure:
    """Connections that were not made, or that broke, for one cause."""

    cause: str
    """A stable word: ``connect_refused``, ``dns``, ``handshake_status`` and so on."""
    status: int | None
    """The HTTP status where a server refused the handshake with one: each has its own entry."""
    count: int
    message: str
    """What happened to the first."""
    hint: str
    """What it means, or what to do; may be empty."""
    body: str
    """The first line that came with a refusal; may be empty."""
    first_at: float
    """When the first one happened, in milliseconds since 1970."""
    last_at: float
    """When the last one happened."""


@dataclass(frozen=True)
class SessionEnd:
    """Sessions that ended in one way, other than in order."""

    code: int | None
    """The close code; ``None`` for what was counted together because there were too many kinds."""
    name: str
    """What the code means, where the standard says so."""
    by: str | None
    """``server``, ``us``, or ``nobody`` where the connection broke."""
    reason: str | None
    """What was given as reason, often empty; ``None`` where there were too many different ones."""
    count: int


class Result:
    """The outcome of a run.

    Attributes:
        exit_code: What the command line would exit with.
        metrics: Name to :class:`Metric`, for every metric that has samples or is named by a threshold,
            parts such as ``ws_ping{scenario:chat}`` included. Other metrics that exist are there when they
            are asked for; a name that is none is a ``KeyError``.
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
        silent: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Made by ``k6ws.run``."""
        self._data = data
        self._series = series
        self.exit_code = exit_code
        self.exceptions = exceptions
        self.metrics = Metrics(data["metrics"], silent)
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

    @property
    def connection_failures(self) -> list[ConnectionFailure]:
        """Connections that were not made, by cause and status, the most frequent first."""
        return _ranked(ConnectionFailure, self._data["run"]["connection_failures"])

    @property
    def session_failures(self) -> list[ConnectionFailure]:
        """Sessions that broke, by cause, the most frequent first."""
        return _ranked(ConnectionFailure, self._data["run"]["session_failures"])

    @property
    def session_ends(self) -> list[SessionEnd]:
        """How sessions ended that did not end in order, the most frequent first."""
        return _ranked(SessionEnd, self._data["run"]["session_ends"])

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


def _ranked(kind: Callable[..., _Entry], entries: list[dict[str, Any]]) -> list[_Entry]:
    ranked = sorted(entries, key=lambda entry: -entry["count"])
    return [kind(**entry) for entry in ranked]
