"""A result that knows what a test looked at, so that the rest can be judged."""

from __future__ import annotations

from typing import Any

from k6ws._result import Metric, Result, problems_of, raise_for

TIME = "a time"
"""Looked at where a figure of a trend of times was."""
LOOKED_AT = {
    "assert_ok",
    "checks",
    "connection_failures",
    "exceptions",
    "exit_code",
    "passed",
    "problems",
    "session_ends",
    "session_failures",
    "thresholds",
    "trustworthy",
}


class Watched(Result):
    """A result of ``k6ws_run``; made by :meth:`of`."""

    looks: set[str]

    @classmethod
    def of(cls, result: Result) -> Watched:
        """The same result, watched."""
        watched = cls.__new__(cls)
        vars(watched).update(vars(result), looks=set[str]())
        document: dict[str, Any] = vars(watched)["_document"]
        metrics = vars(watched)["metrics"]
        for name, metric in metrics.items():
            if document["metrics"][name].get("contains") == "time":
                metrics[name] = _Time(metric, watched.looks)
        return watched

    def __getattribute__(self, name: str) -> Any:
        if name in LOOKED_AT:
            vars(self)["looks"].add(name)
        return super().__getattribute__(name)

    def series(self, name: str) -> list[tuple[dict[str, str], dict[str, float]]]:
        """Every time series of a metric: its tags and its figures."""
        metric = self._document["metrics"].get(name, {})
        if metric.get("contains") == "time":
            self.looks.add(TIME)
        return super().series(name)

    def assert_ok(self) -> None:
        """As that of every result, but for trust: of that the plugin makes an error, or a warning.

        Raises:
            RunNotOk: Not all went well.
        """
        __tracebackhide__ = True  # of pytest: it shows the line of the test
        raise_for([one for one in problems_of(self._document) if one.kind != "untrustworthy"])


class _Time(Metric):
    """A metric of times, which says when one of them is read."""

    def __init__(self, metric: Metric, looks: set[str]) -> None:
        super().__init__(metric.name, metric.kind, vars(metric)["_values"])
        self._looks = looks

    def __getitem__(self, figure: str) -> float:
        self._note(figure)
        return super().__getitem__(figure)

    def get(self, figure: str, default: Any = None) -> Any:
        """The figure, or ``default`` where there is none."""
        self._note(figure)
        return super().get(figure, default)

    def _note(self, figure: str) -> None:
        if figure != "count":
            self._looks.add(TIME)
