"""Two targets in turn, in one process: what one round of each says, as pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack, cast

from k6ws._result import Result
from k6ws._run.api import Subject, run
from k6ws.errors import OptionsError, RunNotOk
from k6ws.testing.comparison import LEAST_ROUNDS, Comparison

if TYPE_CHECKING:
    from k6ws._typed.run import RunKeywords

Side = Callable[[], Result]


def compare(
    a: Any,
    b: Any,
    *,
    script: Subject | None = None,
    metric: str = "ws_req_duration",
    figure: str = "med",
    at_most: float = 0.1,
    rounds: int = 10,
    **options: Unpack[RunKeywords],
) -> Comparison:
    """Run two targets in turn and judge whether b is slower than a.

    Rounds go a b, b a, a b and so on, after one of each that does not count. Each is a run of its own, of
    which one figure is taken; how the pairs are judged stands at :class:`Comparison`.

    Args:
        a: With ``script``: its variables for this target, or a text, which is ``URL``. Without: a script or a
            function of its own.
        b: The other target.
        script: What both run.
        metric: A trend of times.
        figure: Which figure of it.
        at_most: By how much b may be slower, as a share: 0.1 for 10 %.
        rounds: How many of each, at least 6.
        **options: Of each round, as for ``k6ws.run``: ``vus``, ``duration`` and so on.

    Returns:
        The comparison: ``passed``, ``ratio``, ``low``, ``high``, ``assert_ok()``.

    Raises:
        OptionsError: An option is wrong.
        RunNotOk: Not all went well in a round, so that its times say nothing.
        K6Error: A script cannot be loaded, or a figure is 0.
    """
    if rounds < LEAST_ROUNDS or isinstance(rounds, bool):
        message = f"invalid rounds {rounds!r}: expected {LEAST_ROUNDS} or more"
        raise OptionsError(message, "fewer pairs give no interval of 95 %")
    if not 0 <= at_most < float("inf"):
        message = f"invalid at_most {at_most!r}: expected a share, such as 0.1 for 10 %"
        raise OptionsError(message)
    sides = [_side(one, name, script, options) for name, one in (("a", a), ("b", b))]
    figures: tuple[list[float], list[float]] = ([], [])
    untrustworthy = 0
    for number in range(rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            result = sides[side]()
            value = _figure(result, "ab"[side], number, metric, figure)
            # The first of each meets what is cold.
            if number:
                figures[side].append(value)
                untrustworthy += not result.trustworthy
    first, second = figures
    return Comparison.of(
        first, second, metric=metric, figure=figure, at_most=at_most, untrustworthy=untrustworthy
    )


def _side(one: Any, name: str, script: Subject | None, options: Mapping[str, Any]) -> Side:
    if script is None:
        if not callable(one) and not isinstance(one, str | PathLike):
            message = f"{name} is {one!r}, which is no script"
            raise OptionsError(
                message, "give both a script or a function, or one `script` and two URLs"
            )
        own = cast("Subject", one)
        return lambda: run(own, **options)
    if isinstance(one, str):
        one = {"URL": str(one)}
    if not isinstance(one, Mapping):
        message = f"{name} is {one!r}, which are no variables for the script"
        raise OptionsError(message, "a URL, or a dict such as {'URL': …}")
    env = {**options.get("env", {}), **cast("Mapping[str, str]", one)}
    wanted: dict[str, Any] = {**options, "env": env}
    return lambda: run(script, **wanted)


def _figure(result: Result, name: str, number: int, metric: str, figure: str) -> float:
    problems = [str(one) for one in result.problems if one.kind != "untrustworthy"]
    if problems:
        where = f"round {number} of {name}" if number else f"the first round of {name}"
        lines = "\n  ".join(f"- {one}" for one in problems)
        message = f"{where} is not ok, so its times say nothing:\n  {lines}"
        raise RunNotOk(message, problems=problems)
    known = result.metrics[metric]
    if known.kind != "trend":
        message = f"{metric} is a {known.kind}, and a trend of times can be compared"
        raise OptionsError(message, "metric='ws_req_duration' for one")
    try:
        return known[figure]
    except KeyError:
        message = f"{metric} has no figure {figure!r}, only {', '.join(known)}"
        raise OptionsError(message, "summary_trend_stats=[…] names what there is") from None
