"""Rows of test data for VUs: a user for each, from CSV, JSON lines or any list.

For example::

    from k6ws import feeder

    users = feeder.csv("users.csv", unique="vu")     # beside the script; in its body, so that it is read once

    def default():
        me = users.row()
        log_in(me["name"], me["password"])

Rows are stored once in a process and shared by all VUs, which cannot change them. Where the test is split
among processes by execution segments, each takes rows that no other one takes.
"""

from __future__ import annotations

import csv as _csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast

from k6ws._loop import Vu, current, warn
from k6ws._loop.places import here
from k6ws.errors import FeederExhausted, Interrupted, InvalidParameter, K6Error

__all__ = ["Feeder", "csv", "jsonl", "rows"]

Order: TypeAlias = Literal["sequential", "circular", "random", "shuffle"]
Unique: TypeAlias = Literal["vu", "iteration"]
OnEnd: TypeAlias = Literal["stop", "wrap", "fail"]
Row = TypeVar("Row")

_ORDERS = ("sequential", "circular", "random", "shuffle")
_UNIQUE = ("vu", "iteration")
_ENDS = ("stop", "wrap", "fail")


def csv(
    path: str | Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
    names: Sequence[str] | None = None,
    order: Order = "sequential",
    unique: Unique | None = None,
    on_end: OnEnd = "stop",
) -> Feeder[Mapping[str, str]]:
    """Rows of a CSV file, as mappings from the names in its first line to texts.

    Args:
        path: The file, seen from the script's folder.
        delimiter: What separates two values.
        encoding: Of the file; a byte order mark is skipped.
        names: Of the columns, where the first line has none.
        order: ``sequential``; ``circular``, which begins again at the end; ``shuffle``, the same random order
            in all processes of the test; ``random``, any row at any time, from the VU's own generator.
        unique: ``vu`` gives each VU of the test a row of its own, for as long as it lives; ``iteration``
            gives every row at most once in the whole test.
        on_end: Behind the last row: ``stop`` ends the scenario gracefully, ``wrap`` begins again, ``fail``
            raises.

    Returns:
        The feeder: ``row()`` is the row of this iteration, ``next()`` takes another.

    Raises:
        K6Error: The file cannot be read, has no row, or a line with more or fewer values than names.
        InvalidParameter: An argument that there is not, or two that contradict each other.

    Example:
        >>> from k6ws import feeder
        >>> users = feeder.csv("users.csv", unique="vu")       # doctest: +SKIP
        >>> users.row()["name"]                                # doctest: +SKIP
    """
    file = _found(path)
    columns: dict[str, int] = {}
    table: list[tuple[str, ...]] = []
    try:
        with file.open(encoding=encoding, newline="") as lines:
            reader = _csv.reader(lines, delimiter=delimiter, strict=True)
            for line in reader:
                if not line:
                    continue
                if not columns:
                    columns = _columns(file, names or line)
                    if names is None:
                        continue
                if len(line) != len(columns):
                    message = (
                        f"{file.name}, line {reader.line_num}: {len(line)} values for "
                        f"{len(columns)} columns"
                    )
                    raise K6Error(message, "quote values that hold the delimiter or a line break")
                table.append(tuple(line))
    except (OSError, UnicodeError, LookupError, _csv.Error, TypeError) as error:
        raise _unreadable(file, error) from None
    chosen = _Choice(file.name, len(table), order, unique, on_end)
    return Feeder(chosen, lambda at: _CsvRow(columns, table[at]))


def jsonl(
    path: str | Path,
    *,
    order: Order = "sequential",
    unique: Unique | None = None,
    on_end: OnEnd = "stop",
) -> Feeder[Any]:
    """Rows of a file with one JSON value in each line; mappings and lists in it can be read only.

    Arguments, result and errors are those of :func:`csv`.

    Example:
        >>> from k6ws import feeder
        >>> orders = feeder.jsonl("orders.jsonl", order="shuffle")     # doctest: +SKIP
    """
    file = _found(path)
    table: list[Any] = []
    number = 0
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007 - the error names it
                if line.strip():
                    table.append(_frozen(json.loads(line)))
    except json.JSONDecodeError as error:
        message = f"{file.name}, line {number}: no JSON: {error.msg}"
        raise K6Error(message, "write one JSON value in each line") from None
    except (OSError, UnicodeError, RecursionError) as error:
        raise _unreadable(file, error) from None
    return Feeder(_Choice(file.name, len(table), order, unique, on_end), table.__getitem__)


def rows(
    data: Iterable[Row],
    *,
    order: Order = "sequential",
    unique: Unique | None = None,
    on_end: OnEnd = "stop",
) -> Feeder[Row]:
    """Rows of anything that can be iterated over, once, now; mappings among them can be read only.

    Arguments, result and errors are those of :func:`csv`.

    Example:
        >>> from k6ws import feeder
        >>> rooms = feeder.rows(["blue", "green"], order="circular")
        >>> [rooms.next(), rooms.next(), rooms.next()]
        ['blue', 'green', 'blue']
    """
    table = [_frozen(one) for one in data]
    return Feeder(_Choice("rows", len(table), order, unique, on_end), table.__getitem__)


class Feeder(Generic[Row]):
    """Gives rows to VUs; made by :func:`csv`, :func:`jsonl` and :func:`rows`."""

    __slots__ = ("__weakref__", "_at", "_choice")

    def __init__(self, choice: _Choice, at: Callable[[int], Row]) -> None:
        """``choice`` says which row is whose, ``at`` has them by number."""
        self._choice = choice
        self._at = at

    def row(self) -> Row:
        """The row of this iteration, however often it is asked for; with ``unique="vu"`` that of this VU.

        Raises:
            FeederExhausted: There is none left, and ``on_end`` is ``fail``, or there is no scenario to stop.
            Interrupted: There is none left, and the scenario ends: let it pass.
        """
        vu = current()
        taken = vu.who.rows
        if taken is None:
            taken = vu.who.rows = {}
        stamp, at = taken.get(self, (None, -1))
        mine = self._choice.stamp(vu)
        if stamp != mine:
            at = self._choice.take(vu)
            taken[self] = mine, at
        return self._at(at)

    def next(self) -> Row:
        """Another row; from now on it is that of this iteration.

        Raises:
            K6Error: With ``unique="vu"`` a VU has one row.
            FeederExhausted: As for :meth:`row`.
            Interrupted: Likewise.
        """
        if self._choice.unique == "vu":
            message = (
                'a VU has one row of a feeder with unique="vu": next() would take another one\'s'
            )
            raise K6Error(message, 'take row(), or leave out unique="vu"')
        vu = current()
        at = self._choice.take(vu)
        if vu.who.rows is None:
            vu.who.rows = {}
        vu.who.rows[self] = self._choice.stamp(vu), at
        return self._at(at)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._choice.size

    def __repr__(self) -> str:
        """Say what it is."""
        return f"<feeder of {self._choice.size} rows of {self._choice.name}>"


class _Choice:
    """Which row is whose: knows numbers of rows, and not what is in them."""

    def __init__(self, name: str, size: int, order: str, unique: str | None, on_end: str) -> None:
        _check("order", order, _ORDERS)
        _check("on_end", on_end, _ENDS)
        if unique is not None:
            _check("unique", unique, _UNIQUE)
        if unique is not None and (on_end == "wrap" or order in {"circular", "random"}):
            what = 'on_end="wrap"' if on_end == "wrap" else f'order="{order}"'
            message = (
                f'unique="{unique}" and {what} contradict each other: rows would be given twice'
            )
            raise InvalidParameter(
                message, 'order="sequential" or "shuffle", on_end="stop" or "fail"'
            )
        if not size:
            message = f"{name} has no row"
            raise K6Error(message, "a feeder needs at least one")
        self.name = name
        self.size = size
        self.unique = unique
        self._order = order
        self._ends = on_end
        self._wraps = order == "circular" or on_end == "wrap"
        # Rows that this process has taken.
        self._taken = 0
        self._shuffled: Sequence[int] | None = None
        self._has_warned = False

    def stamp(self, vu: Vu) -> object:
        """What a row belongs to: it is the same one as long as this is."""
        return "vu" if self.unique == "vu" else vu.who.iteration

    def take(self, vu: Vu) -> int:
        """The number of a row that nobody else is given, as far as the order says so."""
        if self._order == "random":
            return vu.generator().randrange(self.size)
        run = vu.who.run
        if self.unique == "vu":
            self._warn_of_too_few(vu)
            position = vu.who.id - 1 if run is None else run.id_in_test(max(vu.who.index, 0)) - 1
            position = max(position, 0)
        else:
            # As VUs are numbered over all processes of the test, so are the rows that each of them takes.
            position = self._taken if run is None else run.id_in_test(self._taken) - 1
            if position >= self.size and not self._wraps:
                return self._none_left(vu)
            self._taken += 1
        if position >= self.size:
            if not self._wraps:
                return self._none_left(vu)
            position %= self.size
        return position if self._order != "shuffle" else self._shuffle(vu)[position]

    def _shuffle(self, vu: Vu) -> Sequence[int]:
        """The same in every process of the test: it depends on ``random_seed`` and on what is shuffled."""
        if self._shuffled is None:
            from array import array  # noqa: PLC0415 - for those who shuffle

            order = array("Q", range(self.size))
            Random(f"{vu.loop.seed} {self.name} {self.size}").shuffle(order)  # noqa: S311 - a load test wants repeatable, not secret
            self._shuffled = order
        return self._shuffled

    def _none_left(self, vu: Vu) -> int:
        control = vu.loop.control
        if self._ends == "fail" or control is None or not vu.who.scenario:
            message = f"{self.name} has no row left: all {self.size} are taken"
            raise FeederExhausted(message, 'give it more rows, or take on_end="wrap"')
        vu.loop.notices.warn(
            (_Choice, self), f"{self.name} has no row left: scenario {vu.who.scenario} ends"
        )
        control.end_scenario(vu.who.scenario)
        raise Interrupted

    def _warn_of_too_few(self, vu: Vu) -> None:
        """A scenario with more VUs than there are rows is known to run dry before it does."""
        control = vu.loop.control
        if self._has_warned or control is None or not vu.who.scenario:
            return
        self._has_warned = True
        vus = control.vus(vu.who.scenario)
        if vus > self.size:
            text = "scenario %s has up to %d VUs, and %s has %d rows: %d VUs will find none"
            warn(text, vu.who.scenario, vus, self.name, self.size, vus - self.size)


class _CsvRow(Mapping[str, str]):
    """One line of a CSV file: the names are shared by all."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Mapping[str, int], values: tuple[str, ...]) -> None:
        self._columns = columns
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[self._columns[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return repr(dict(self))


def _found(path: str | Path) -> Path:
    """A file, seen from the script that names it."""
    place = here()
    beside = None if place is None else Path(place[0].co_filename)
    return Path(path) if beside is None or not beside.is_file() else beside.parent / path


def _columns(file: Path, names: Sequence[str]) -> dict[str, int]:
    columns = {name: index for index, name in enumerate(names)}
    if len(columns) != len(names):
        twice = next(name for index, name in enumerate(names) if columns[name] != index)
        message = f"{file.name} has the column {twice!r} twice"
        raise K6Error(message, "rename one of them, or give names=[…]")
    return columns


def _unreadable(file: Path, error: Exception) -> K6Error:
    reason = error.strerror if isinstance(error, OSError) else None
    message = f"cannot read {str(file)!r}: {reason or error}"
    hint = "paths are seen from the script's folder" if isinstance(error, OSError) else ""
    return K6Error(message, hint)


def _check(name: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        message = f"{name} is one of {', '.join(map(repr, known))}, not {value!r}"
        raise InvalidParameter(message)


def _frozen(value: Any) -> Any:
    """What VUs share, and may not change: mappings and lists as views and tuples."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[Any, Any]", value).items()
        return MappingProxyType({key: _frozen(one) for key, one in entries})
    if isinstance(value, list):
        return tuple(_frozen(one) for one in cast("list[Any]", value))
    return value
