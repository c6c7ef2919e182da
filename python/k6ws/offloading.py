"""``offload``: a call that blocks, made in a thread, while only this VU waits for it.

For example::

    from k6ws import offload

    def default():
        token = offload(requests.post, LOGIN, json={"user": "ann"}, timeout=10).json()["token"]

In a coroutine it is awaited: ``await offload(…)``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from k6ws._loop import Operation, Vu, current, is_coroutine_function
from k6ws._loop.pending import Pending
from k6ws._loop.pool import Pool
from k6ws.errors import Interrupted, K6Error

__all__ = ["offload"]

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

_MOST_THREADS = 256


def offload(
    function: Callable[Arguments, Returned], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Any:
    """Call ``function(*args, **kwargs)`` in a thread; sockets and other VUs go on meanwhile.

    For what blocks: HTTP by ``requests``, a database, a long computation that lets go of the interpreter.
    There are as many threads as VUs, at most 256, made when they are needed; who finds none free waits for
    one. Sockets and metrics of k6ws are for the VU, not for the thread.

    Args:
        function: What is called; no coroutine function.
        *args: Passed on.
        **kwargs: Passed on.

    Returns:
        What it returns; in a coroutine something to await.

    Raises:
        BaseException: What it raises.
        K6Error: It is a coroutine function, or cannot be called.
        Interrupted: The VU was cut meanwhile. The call goes on to its end, and the report names it.

    Example:
        >>> from k6ws import offload
        >>> offload(pow, 2, 10)
        1024
    """
    if not callable(function):
        message = f"offload() takes a function, not {function!r}"
        raise K6Error(message, "give it the function itself and its arguments: offload(f, 1)")
    if is_coroutine_function(function):
        message = f"offload() cannot run the coroutine function {_name(function)}()"
        raise K6Error(message, "await it where you are, in an `async def` function")
    vu = current()
    vu.check_alive()
    context = copy_context()

    def call() -> Returned:
        return context.run(function, *args, **kwargs)

    if vu.loop.is_in_asyncio():
        return Pending(vu, f"offload({_name(function)}, …)", _awaited(vu, call, _name(function)))
    return _waited(vu, call, _name(function))


def _waited(vu: Vu, call: Callable[[], Returned], name: str) -> Returned:
    done = _begin(vu, call)
    try:
        return done.wait()
    except Interrupted:
        _leave_behind(vu, done, name)
        raise


def _awaited(vu: Vu, call: Callable[[], Returned], name: str) -> Coroutine[Any, Any, Returned]:
    async def wait() -> Returned:
        done = _begin(vu, call)
        try:
            return await done
        finally:
            if not done.done():
                _leave_behind(vu, done, name)

    return wait()


def _begin(vu: Vu, call: Callable[[], Returned]) -> Operation[Returned]:
    """Have a thread make the call, and the loop be told of its end."""
    done: Operation[Returned] = Operation(vu, "offload()")
    core = vu.loop.core
    if vu.who.run is None:
        vu.loop.join_asyncio()

    def tell(end: Callable[[], object]) -> None:
        def receive(_kind: int, _data: object) -> None:
            end()
            if vu.host is not None:
                vu.host.stir()

        core.post(receive)

    def make() -> None:
        try:
            value = call()
        except BaseException as raised:  # noqa: BLE001 - it is the VU's, whatever it is
            error = raised
            tell(lambda: done._fail(error, is_handled=True))
        else:
            tell(lambda: done._settle(value))

    pool = vu.loop.pool
    if pool is None:
        pool = vu.loop.pool = Pool("k6ws-offload")
    pool.submit(make, _most_threads(vu))
    return done


def _most_threads(vu: Vu) -> int:
    run = vu.who.run
    return _MOST_THREADS if run is None else max(1, min(run.vus(), _MOST_THREADS))


def _leave_behind(vu: Vu, done: Operation[Any], name: str) -> None:
    control = vu.loop.control
    if control is not None and not done.done():
        control.left_behind(name)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", None) or type(function).__qualname__
