"""The series of a run as a table: a row for each metric and set of tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from k6ws import _core
from k6ws.errors import NotInstalled

TEXTS = ("metric", "kind", "unit")
"""Columns of text; `tags` follows them, a struct of texts."""
FIGURES = (
    *("count", "sum", "rate", "value"),
    *("min", "avg", "med", "p90", "p95", "p99", "max"),
)
"""Columns of floating-point numbers, with nothing where a kind of metric has no such figure."""
COUNTS = ("passes", "fails")
"""Columns of whole numbers."""
_PERCENTILES = {"p(90)": "p90", "p(95)": "p95", "p(99)": "p99"}
_UNITS = {"time": "ms", "data": "bytes", "default": ""}


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The rows that the core gives as columns, by name and in their order."""
    lines = [_line(row) for row in rows]
    names = (*TEXTS, "tags", *FIGURES, *COUNTS)
    return {name: [line.get(name) for line in lines] for name in names}


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    values: Mapping[str, Any] = row["values"]
    figures = {_PERCENTILES.get(name, name): value for name, value in values.items()}
    return {
        **figures,
        "metric": row["metric"],
        "kind": row["type"],
        "unit": _UNITS[row["contains"]],
        "tags": row["tags"],
        "sum": row["sum"],
        # A counter has counted its sum; of all else it is how many samples there were.
        "count": row["sum"] if row["type"] == "counter" else row["samples"],
    }


def arrow_stream(columns: Mapping[str, list[Any]]) -> object:
    """A capsule with the table, of the Arrow PyCapsule interface."""
    kinds = {**dict.fromkeys(TEXTS, "text"), "tags": "tags", **dict.fromkeys(COUNTS, "count")}
    return _core.arrow_stream(
        [(name, kinds.get(name, "number"), values) for name, values in columns.items()]
    )


def needed(package: str, version: str) -> Any:
    """A package that who wants a table of its kind has.

    Raises:
        NotInstalled: It is not there.
    """
    try:
        return import_module(package)
    except ImportError as error:
        message = f"{package} cannot be imported: {error}"
        raise NotInstalled(message, f"pip install '{package}>={version}'") from None


def pandas_frame(columns: Mapping[str, list[Any]]) -> Any:
    """A ``pandas.DataFrame``; tags are dicts."""
    pandas = needed("pandas", "2")
    kinds = {**dict.fromkeys(FIGURES, "float64"), **dict.fromkeys(COUNTS, "Int64")}
    series = {
        name: pandas.Series(values, dtype=kinds.get(name, "object"))
        for name, values in columns.items()
    }
    return pandas.DataFrame(series)
