"""One iteration of a script, as a unit test wants it: what it raises is raised, the rest is returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from k6ws._loop import current_loop, is_coroutine_function
from k6ws._result import Result
from k6ws._run.api import Subject, run_prepared
from k6ws._script import Script
from k6ws.errors import Interrupted, K6Error, RunNotOk

if TYPE_CHECKING:
    from k6ws._typed.run import OnceKeywords

Raised: TypeAlias = list[tuple[BaseException, TracebackType | None]]


def once(
    script: Subject,
    *,
    function: str = "default",
    env: Mapping[str, str] | None = None,
    **options: Unpack[OnceKeywords],
) -> Result:
    """Run one iteration in one VU, with ``setup`` and ``teardown``, and return what it measured.

    The VU's random numbers are those of VU 1 in every run, so that what it does can be repeated; ``seed``
    chooses others. Time is real: a script that sleeps for a second takes one.

    Args:
        script: The path of a script, or a function, plain or `async def`.
        function: Which function of a script, where it is not ``default``.
        env: Variables that it reads from ``k6ws.env``.
        **options: As for ``k6ws.run``, but for those that say how often: thresholds, ``seed`` and so on.

    Returns:
        The result: ``checks``, ``metrics``, ``series(…)`` and the rest.

    Raises:
        Exception: What the function raised, as it raised it; it ends the test as it ended the iteration.
        RunNotOk: A handler raised that nobody waited for, or ``setup`` or ``teardown`` did.
        OptionsError: An option is wrong.
        K6Error: The script cannot be loaded; or an asyncio loop runs on this thread.

    Example:
        >>> from k6ws import check, testing
        >>> testing.once(lambda: check(1, {"is one": 1})).checks["is one"].passes
        1
    """
    if current_loop().is_in_asyncio():
        message = "testing.once() would hold up the asyncio loop of this thread"
        raise K6Error(message, "await asyncio.to_thread(testing.once, …)")
    __tracebackhide__ = True  # of pytest: it shows the line of the script
    raised: Raised = []

    def prepared(loaded: Script) -> Script:
        kept = _keeping(loaded.function(function), raised)
        own = {
            name: value
            for name, value in loaded.options.items()
            # What says how often, and who: here it is once, and one.
            if name not in _HOW_OFTEN
        }
        return replace(loaded, options=own, functions={**loaded.functions, function: kept})

    scenario = {"executor": "per-vu-iterations", "exec": function, "maxDuration": "1h"}
    wanted = {"scenarios": {"once": scenario}, "env": dict(env or {}), **options}
    result = run_prepared(script, prepared, wanted)
    if raised:
        error, trace = raised[0]
        raise error.with_traceback(trace)
    if result.exceptions:
        first = result.exceptions[0]
        text = (
            f"{first.type} in a handler or a stage at {first.where}: {first.message}\n{first.trace}"
        )
        raise RunNotOk(text.rstrip(), first.hint)
    return result


def _keeping(function: Callable[..., Any], raised: Raised) -> Callable[..., Any]:
    """The function, which keeps what it raised as it left it, before anything of ours is on its way."""
    if is_coroutine_function(function):

        @wraps(function)
        async def coroutine(*given: Any) -> Any:
            __tracebackhide__ = True  # as above
            try:
                return await function(*given)
            except Interrupted:
                raise
            except BaseException as error:
                raised.append((error, error.__traceback__))
                raise

        return coroutine

    @wraps(function)
    def plain(*given: Any) -> Any:
        __tracebackhide__ = True  # as above
        try:
            return function(*given)
        except Interrupted:
            raise
        except BaseException as error:
            raised.append((error, error.__traceback__))
            raise

    return plain


_HOW_OFTEN = {"vus", "duration", "iterations", "stages", "scenarios"}
