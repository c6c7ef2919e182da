"""The series of a result as a table: for pandas, polars, pyarrow, and whoever else reads Arrow."""

from __future__ import annotations

import builtins
import copy
import gc
import pickle
from typing import Any

import pytest

import k6ws
from k6ws import _core, metrics
from k6ws.errors import NotInstalled
from support.untyped import nanoarrow
from support.untyped import polars as pl
from support.untyped import pyarrow as pa

COLUMNS = [
    *("metric", "kind", "unit", "tags", "count", "sum", "rate", "value"),
    *("min", "avg", "med", "p90", "p95", "p99", "max", "passes", "fails"),
]
ODD = ["a", "ü|<>", "", "\n\x00", "😀"]


@pytest.fixture(scope="module")
def result() -> k6ws.Result:
    kept = metrics.Trend("kept", is_time=True), metrics.Gauge("level"), metrics.Rate("share")

    def default() -> None:
        trend, gauge, rate = kept
        for number, odd in enumerate(ODD):
            trend.add(number + 0.5, {"odd": odd})
            gauge.add(-number)
            rate.add(number > 1, {"side": "left"})

    return k6ws.run(default, iterations=2)


def row(result: k6ws.Result, metric: str, **tags: str) -> dict[str, Any]:
    [found] = [
        row
        for row in result.to_arrow().to_pylist()
        if row["metric"] == metric and tags.items() <= row["tags"].items()
    ]
    return found


def test_columns_are_the_same_wherever_they_go(result: k6ws.Result) -> None:
    assert result.to_arrow().column_names == COLUMNS
    assert result.to_polars().columns == COLUMNS
    assert list(result.to_pandas().columns) == COLUMNS
    kinds = {field.name: field.type for field in result.to_arrow().schema}
    assert kinds["metric"] == pa.string()
    assert kinds["p95"] == pa.float64()
    assert kinds["passes"] == pa.int64()
    assert pa.types.is_struct(kinds["tags"])


def test_each_kind_has_its_figures_and_nothing_else(result: k6ws.Result) -> None:
    odd = row(result, "kept", odd="ü|<>")
    assert (odd["kind"], odd["unit"], odd["count"], odd["sum"]) == ("trend", "ms", 2, 3)
    assert {odd[name] for name in ("min", "avg", "med", "p90", "p95", "p99", "max")} == {1.5}
    assert [odd[name] for name in ("rate", "value", "passes", "fails")] == [None] * 4
    level = row(result, "level")
    assert (level["kind"], level["value"], level["min"], level["max"]) == ("gauge", -4, -4, 0)
    assert (level["count"], level["sum"]) == (10, None)
    share = row(result, "share")
    assert (share["rate"], share["passes"], share["fails"], share["count"]) == (0.6, 6, 4, 10)
    iterations = row(result, "iterations")
    assert (iterations["count"], iterations["sum"]) == (2, 2)
    assert iterations["rate"] == result.metrics["iterations"].rate


def test_tags_keep_what_they_are(result: k6ws.Result) -> None:
    found = [one["tags"]["odd"] for one in result.to_arrow().to_pylist() if one["metric"] == "kept"]
    assert sorted(found) == sorted(ODD)
    polars: Any = result.to_polars().filter(pl.col("tags").struct.field("side") == "left")
    assert polars["metric"].to_list() == ["share"]
    pandas: Any = result.to_pandas()
    assert pandas[pandas.tags.str.get("side") == "left"].metric.tolist() == ["share"]
    assert all(None not in tags.values() for tags in pandas.tags)


def test_whoever_reads_arrow_takes_the_result_itself(result: k6ws.Result) -> None:
    read = nanoarrow.ArrayStream(result).read_all()
    assert [field.name for field in read.schema.fields] == COLUMNS
    assert len(read) == result.to_arrow().num_rows
    assert pa.table(result).equals(result.to_arrow())


def test_a_stream_that_nobody_reads_and_one_read_later_hold(result: k6ws.Result) -> None:
    for _ in range(100):
        result.__arrow_c_stream__()
    table = result.to_arrow()
    reader = pa.RecordBatchReader.from_stream(result)
    gc.collect()
    # What was taken is the reader's: no object of ours need live on.
    assert reader.read_all().equals(table)


def test_a_run_without_samples_has_a_table_without_rows() -> None:
    assert _core.arrow_stream([("tags", "tags", [])]) is not None
    empty = pa.table(Stream([("metric", "text", []), ("tags", "tags", []), ("max", "number", [])]))
    assert (empty.num_rows, empty.column_names) == (0, ["metric", "tags", "max"])
    bare = pa.table(Stream([("tags", "tags", [{}, {}]), ("passes", "count", [1, None])]))
    assert bare.to_pylist() == [{"tags": {}, "passes": 1}, {"tags": {}, "passes": None}]


class Stream:
    """A table of columns."""

    def __init__(self, columns: list[tuple[str, str, list[Any]]]) -> None:
        self._columns = columns

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return _core.arrow_stream(self._columns)


@pytest.mark.parametrize(
    "columns",
    [
        [("a", "number", [1.0]), ("b", "number", [1.0, 2.0])],
        [("a", "nothing", [1.0])],
        [("a", "text", [1])],
        [("a", "count", [2**63])],
        [("a", "tags", [{"x": 1}])],
    ],
)
def test_columns_that_are_none_are_refused(columns: list[tuple[str, str, list[Any]]]) -> None:
    with pytest.raises((ValueError, TypeError, OverflowError)):
        _core.arrow_stream(columns)


def test_a_package_that_is_missing_is_named(
    result: k6ws.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, *rest: Any) -> Any:
        del rest
        raise ImportError(name)

    monkeypatch.setattr("k6ws._result.table.import_module", refuse)
    for call, package in (
        (result.to_pandas, "pandas"),
        (result.to_polars, "polars"),
        (result.to_arrow, "pyarrow"),
    ):
        with pytest.raises(NotInstalled, match=f"{package} cannot be imported") as told:
            call()
        assert told.value.hint.startswith(f"pip install '{package}>=")
        assert isinstance(told.value, builtins.ImportError)


def test_a_result_is_pickled_and_copied_whole(result: k6ws.Result) -> None:
    for other in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert other.to_dict() == result.to_dict()
        assert dict(other.metrics["kept"]) == dict(result.metrics["kept"])
        assert other.metrics["ws_ping"].get("avg") is None, "what has no samples is known as well"
        assert other.to_arrow().equals(result.to_arrow())
        assert (str(other), repr(other)) == (str(result), repr(result))
        assert other.thresholds == result.thresholds
        assert other.checks == result.checks
