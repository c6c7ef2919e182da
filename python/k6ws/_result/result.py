"""What a run gives back: typed figures, and all of it as a document."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from k6ws import _ui
from k6ws._result import table
from k6ws._result.entries import (
    Check,
    ConnectionFailure,
    ScriptException,
    SessionEnd,
    Threshold,
)
from k6ws._result.metrics import Metrics
from k6ws._result.problems import Problem, problems_of, raise_for
from k6ws.errors import K6Error

if TYPE_CHECKING:
    # Whoever asks for a table of one of these has it.
    import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
    import polars as pl

_Entry = TypeVar("_Entry")
_WIDTH = 100
"""Columns of the text of a result: of a notebook, a log, a failed test."""


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
        report: The page that was written of it, if one was.
    """

    def __init__(
        self,
        document: dict[str, Any],
        table: Mapping[str, Any],
        silent: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Made by ``k6ws.run``."""
        self._document = document
        self._rows: list[dict[str, Any]] = table["rows"]
        self._parts: dict[str, list[int]] = table["parts"]
        self.exit_code = int(document["exit_code"])
        self.exceptions = [ScriptException(**one) for one in document["run"]["exceptions"]]
        self.metrics = Metrics(document["metrics"], silent)
        self.thresholds = [
            Threshold(**{key: value for key, value in one.items() if key != "no_data"})
            for one in document["thresholds"]
        ]
        self.checks: dict[str, Check] = {}
        self._gather_checks(document["root_group"])
        self.report: Path | None = None

    @property
    def passed(self) -> bool:
        """Whether the exit code is 0: nothing ended the run early, and every threshold holds."""
        return self.exit_code == 0

    @property
    def trustworthy(self) -> bool:
        """Whether the numbers are the target's, not this process's own; ``to_dict()`` has the reasons."""
        return bool(self._document["run"]["trustworthy"])

    @property
    def connection_failures(self) -> list[ConnectionFailure]:
        """Connections that were not made, by cause and status, the most frequent first."""
        return _ranked(ConnectionFailure, self._document["run"]["connection_failures"])

    @property
    def session_failures(self) -> list[ConnectionFailure]:
        """Sessions that broke, by cause, the most frequent first."""
        return _ranked(ConnectionFailure, self._document["run"]["session_failures"])

    @property
    def session_ends(self) -> list[SessionEnd]:
        """How sessions ended that did not end in order, the most frequent first."""
        return _ranked(SessionEnd, self._document["run"]["session_ends"])

    @property
    def problems(self) -> list[Problem]:
        """Everything that was not in order, the gravest first: what :meth:`assert_ok` raises for."""
        return problems_of(self._document)

    def assert_ok(self) -> None:
        """Raise unless all went well, which is more than ``passed`` asks for.

        That is: the run went to its end; nothing raised; every connection was made, and none broke; no
        iteration was interrupted or is missing; thresholds and checks hold; the numbers are the target's.

        Raises:
            RunNotOk: An ``AssertionError`` that says what is not so, with hints.

        Example:
            >>> import k6ws
            >>> k6ws.run(lambda: k6ws.check(1, {"is one": 1}), iterations=2).assert_ok()
        """
        __tracebackhide__ = True  # of pytest: it shows the line of the test
        raise_for(self.problems)

    def series(self, name: str) -> list[tuple[dict[str, str], dict[str, float]]]:
        """Every time series of a metric in ``metrics``: its tags and its figures; empty without samples."""
        numbers = self._parts.get(name)
        rows = (
            [row for row in self._rows if row["metric"] == name]
            if numbers is None
            else [self._rows[number] for number in numbers]
        )
        stats = [*self._document["options"]["summaryTrendStats"], "count"]
        return [(row["tags"], _figures(row, stats)) for row in rows]

    def to_dict(self) -> dict[str, Any]:
        """The document of ``--summary-export``, ready for JSON: `docs/reference/summary.md`.

        ``k6ws/summary.schema.json`` is its JSON Schema. It has all that ``handle_summary`` is given, but for
        what ``setup`` returned.

        Example:
            >>> import k6ws
            >>> k6ws.run(lambda: None, iterations=3).to_dict()["metrics"]["iterations"]["values"]["count"]
            3
        """
        return copy.deepcopy(self._document)

    def to_pandas(self) -> pd.DataFrame:
        """A row for each series: metric, kind, unit, tags (a dict), and its figures.

        Raises:
            NotInstalled: There is no pandas.
        """
        return table.pandas_frame(self._columns())

    def to_polars(self) -> pl.DataFrame:
        """The same for polars; tags are a struct.

        Raises:
            NotInstalled: There is no polars.
        """
        return table.needed("polars", "1.3").DataFrame(self)

    def to_arrow(self) -> Any:
        """The same as a table of Arrow.

        Whatever else reads Arrow takes the result itself, by the Arrow PyCapsule interface.

        Raises:
            NotInstalled: There is no pyarrow.
        """
        return table.needed("pyarrow", "14").table(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The series as a stream of Arrow's, for whatever reads such: DuckDB, nanoarrow and so on."""
        del requested_schema  # it may be left unheard, and there is one form only
        return table.arrow_stream(self._columns())

    def open_report(self) -> None:
        """Show the page that ``report=…`` wrote, in the browser.

        Raises:
            K6Error: The run wrote none, it is not there any more, or there is no browser.
        """
        import webbrowser  # noqa: PLC0415 - few results are shown

        if self.report is None:
            message = "this run wrote no report"
            raise K6Error(message, "ask for one: k6ws.run(…, report='report.html')")
        path = self.report.resolve()
        if not path.is_file():
            message = f"the report {str(path)!r} is not there any more"
            raise K6Error(message)
        if not webbrowser.open(path.as_uri()):
            message = f"no browser opens the report {str(path)!r}"
            raise K6Error(message, "open the file where there is one: it needs no server")

    def __str__(self) -> str:
        """The summary, plain, with the verdict as its last line."""
        summary = _ui.render_summary(self._document, width=_WIDTH, color=False)
        return f"{summary}\n{self._verdict()}"

    def __repr__(self) -> str:
        return f"<k6ws.Result {self._verdict()}>"

    def _repr_html_(self) -> str:
        """The summary as tables, for notebooks."""
        return _ui.render_html(self._document, report=self._report_name())

    def _verdict(self) -> str:
        return _ui.render_verdict(self._document, color=False, report=self._report_name())

    def _report_name(self) -> str | None:
        return None if self.report is None else str(self.report)

    def _columns(self) -> dict[str, list[Any]]:
        return table.columns_of(self._rows)

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


def _figures(row: Mapping[str, Any], stats: list[str]) -> dict[str, float]:
    values: dict[str, float] = row["values"]
    return {name: values[name] for name in stats} if row["type"] == "trend" else values
