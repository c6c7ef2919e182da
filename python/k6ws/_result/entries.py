"""What a result has beside figures: checks, thresholds, exceptions, failures, ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class ScriptException:
    """One kind of exception at one place.

    Attributes:
        type: The class name.
        message: The text of the first one.
        where: The script's line, ``script.py:12``.
        count: Iterations it ended.
        hint: What to do about the first one, where k6ws knows.
        first_at: When the first one was raised, in milliseconds since 1970.
        last_at: When the last one was raised.
        trace: The traceback of the first one, of the script's own lines; what may be a secret is masked.
    """

    type: str
    message: str
    where: str
    count: int = 0
    hint: str = ""
    first_at: float = 0.0
    last_at: float = 0.0
    trace: str = ""


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
    figure: str = ""
    """Which figure that is: ``p(95)``, ``rate`` and so on."""
    operator: str = ""
    """How it is compared: ``<``, ``<=``, ``>``, ``>=``, ``==`` or ``!=``."""
    limit: float | None = None
    """With what; ``None`` where that is infinite."""
    margin: float | None = None
    """How far the value is on the right side of the limit, negative on the wrong one.

    ``None`` without data, and where equality is asked for.
    """
    unit: str = ""
    """Of value, limit and margin: ``ms``, ``bytes``, ``1/s``; empty for plain numbers and shares."""
    window: str = ""
    """How long each stretch of time is in which it must hold: ``10s``; empty for the whole run."""
    undecided: bool = False
    """Whether nobody can say: of several processes each knows its own windows only."""

    @property
    def no_data(self) -> bool:
        """Whether there was nothing to judge by."""
        return self.value is None and not self.undecided


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
