"""Metrics of your own: ``Counter``, ``Gauge``, ``Rate`` and ``Trend``; k6's ``k6/metrics``.

Declare them in the body of the script, add to them in the functions that VUs run::

    from k6ws.metrics import Trend

    answer_time = Trend("answer_time", is_time=True)

    def default():
        answer_time.add(12.5, {"kind": "login"})

In a program that calls :func:`k6ws.run`, declare them anywhere before. See
https://grafana.com/docs/k6/latest/javascript-api/k6-metrics/.
"""

from __future__ import annotations

import math
import sys
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from k6ws import _core
from k6ws._loop import Vu, check_counted, current, warn
from k6ws._params import tag_pairs
from k6ws.errors import InitContextError, K6Error

if TYPE_CHECKING:
    from k6ws._params.keywords import Tags

__all__ = ["Counter", "Gauge", "Metric", "Rate", "Trend"]


_NO_RUN: Any = (None, None, None)


class Metric:
    """A named quantity. Make one of :class:`Counter`, :class:`Gauge`, :class:`Rate`, :class:`Trend`.

    Args:
        name: Letters, digits and ``_``, at least two, no digit in front; unique within the script.
        is_time: Values are milliseconds, and shown as times.

    Raises:
        InitContextError: Made in a function that VUs run.
        K6Error: The name breaks the rule, or belongs to a metric of another kind.

    Example:
        >>> from k6ws.metrics import Counter
        >>> Counter("things_done").name
        'things_done'
    """

    __slots__ = ("__weakref__", "_bound", "is_time", "name")

    kind: ClassVar[str] = ""

    def __init__(self, name: str, is_time: bool = False) -> None:
        vu = current()
        if vu.who.run is not None:
            message = "metrics must be declared in the init context"
            raise InitContextError(message, "make it once, in the body of the script")
        if not self.kind:
            message = "Metric itself cannot be made"
            raise TypeError(f"{message}: use Counter, Gauge, Rate or Trend")
        self.name = str(name)
        self.is_time = bool(is_time)
        # The run, the tags and the series of the last value: the next one is likely to be of the same.
        self._bound: tuple[_core.Run, _core.Tags, _core.Series] = _NO_RUN
        # Within one script a name means one thing; elsewhere that is seen when a run uses both.
        declared = vu.loop.declared
        _core.check_metric(self.name, self.kind, self.is_time, declared or {})
        _alive.append(weakref.ref(self, _alive.remove))
        if isinstance(declared, Declared):
            declared[self.name] = (self.kind, self.is_time)
            declared.places[self.name] = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001 - the module that declares
        else:
            _definitions[self.name] = (self.kind, self.is_time)
            _of_programs.append(weakref.ref(self, _of_programs.remove))

    def add(self, value: float | str, tags: Tags | None = None) -> bool:
        """Record a value, at once.

        Args:
            value: A number, a boolean (1 or 0), or text that is a number.
            tags: Added to those of the VU, for this value only.

        Returns:
            Whether it was recorded. Something that is no number is not, with a warning.

        Raises:
            InitContextError: Called outside the functions that VUs run.
            K6Error: The value is no number and the option ``throw`` is on; or a bad tag.
        """
        vu = current()
        run, known, series = self._bound
        if run is not vu.who.run or known is not vu.who.tags or tags:
            series = self._series(vu, tags)
        account: Any = vu.who.account
        number: Any = value
        try:
            return series.add(account, number)
        except (TypeError, ValueError, OverflowError):
            number = _number(value)
        if number is None:
            return self._refused(vu, value)
        return series.add(account, number)

    def _series(self, vu: Vu, tags: Mapping[str, Any] | None) -> _core.Series:
        """The series that values of this VU belong to."""
        run = vu.who.run
        if run is None:
            check_counted(vu, f"add() of the metric {self.name!r}")
            message = f"cannot add to the metric {self.name!r} in the init context"
            raise InitContextError(message, "add in setup, teardown or a function that VUs run")
        extra = tag_pairs(tags, "") if tags else None
        if extra:
            return run.custom_series(
                self.name, self.kind, self.is_time, vu.who.tags.extended(extra)
            )
        series = run.custom_series(self.name, self.kind, self.is_time, vu.who.tags)
        self._bound = (run, vu.who.tags, series)
        return series

    def _refused(self, vu: Vu, value: object) -> bool:
        message = f"{value!r} is an invalid value for metric {self.name!r}, a number is expected"
        if vu.who.defaults.throw:
            raise K6Error(message)
        warn("%s", message)
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    isTime = property(lambda self: self.is_time)  # noqa: N815 - k6's spelling


class Counter(Metric):
    """A sum: ``count`` and ``rate``."""

    __slots__ = ()
    kind = "counter"


class Gauge(Metric):
    """The last value, with the smallest and the largest: ``value``, ``min``, ``max``."""

    __slots__ = ()
    kind = "gauge"


class Rate(Metric):
    """The share of values that are not zero: ``rate``, ``passes``, ``fails``."""

    __slots__ = ()
    kind = "rate"


class Trend(Metric):
    """A distribution: ``avg``, ``min``, ``med``, ``max``, ``p(95)`` and so on."""

    __slots__ = ()
    kind = "trend"


class Declared(dict[str, tuple[str, bool]]):
    """What one script declares, by name: the kind, and whether it is a time. Known however a script holds it.

    Enter it before the script is loaded, leave it when its run is over.
    """

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, object] = {}
        """The modules that declare them."""

    def __enter__(self) -> Self:
        """Begin with nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget them, but for those of modules that stay: importing these again declares nothing."""
        for name, place in self.places.items():
            if place in sys.modules:
                _definitions[name] = self[name]

    def known(self) -> Iterator[tuple[str, str, bool]]:
        """Each metric that a run may be asked for: its name, its kind, whether it is a time.

        Those of its script, and those that were declared outside scripts; never those of another script. The
        first of a name counts.
        """
        for name, (kind, is_time) in self.items():
            yield name, kind, is_time
        for one in _of_programs:
            metric = one()
            if metric is not None:
                yield metric.name, metric.kind, metric.is_time
        for name, (kind, is_time) in list(_definitions.items()):
            yield name, kind, is_time


def release(run: _core.Run) -> None:
    """Forget a run that is over."""
    for one in _alive:
        metric = one()
        if metric is not None and metric._bound[0] is run:  # noqa: SLF001 - of this module
            metric._bound = _NO_RUN  # noqa: SLF001


# Every metric there is, and those that were declared outside scripts.
_alive: list[weakref.ref[Metric]] = []
_of_programs: list[weakref.ref[Metric]] = []
# What such names meant last: a program may declare a metric and keep nothing of it.
_definitions: dict[str, tuple[str, bool]] = {}


def _number(value: object) -> float | None:
    """A value that is not a finite float yet; None if it is no number at all."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
