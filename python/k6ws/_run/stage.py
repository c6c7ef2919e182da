"""``setup`` before the first iteration, ``teardown`` after the last: each once, in a VU of its own.

What ``setup`` returns travels as JSON, so that nothing else is shared by accident. VUs share that, and may
not change it.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any

from k6ws import _core
from k6ws._loop import Loop, Signal, Vu, check_result, is_coroutine_function
from k6ws._run.ends import cut_short
from k6ws._run.shared_data import shared
from k6ws._run.worker import Worker
from k6ws._script.load import text_of
from k6ws.errors import Interrupted, K6Error


class Stage:
    """One call of ``setup`` or ``teardown``; runs as an iteration does, and counts as none."""

    def __init__(
        self, loop: Loop, run: _core.Run, options: _core.Options, name: str, timeout: float
    ) -> None:
        """``timeout`` is in milliseconds; past it the stage is cut."""
        self._loop = loop
        self._run = run
        self._timeout = timeout
        self._began = 0.0
        self._ended = Signal(loop)
        self._worker: Worker | None = None
        self._is_over = False
        self.name = name
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_late = False
        self.is_cut = False
        self.tasks_left = 0
        vu = self.vu = Vu(loop)
        vu.who.run = run
        vu.who.defaults = options
        vu.who.account, vu.who.tags = run.stage(name)
        vu.who.group = f"::{name}"
        loop.origin = copy_context()
        vu.context = loop.origin.copy()

    def run(self, function: Callable[..., Any], data: Data | None) -> None:
        """Call ``function`` and wait until its sockets and timers are done as well."""
        call = function if data is None else data.copied_for(function)
        worker: Any
        if is_coroutine_function(function):
            from k6ws._run.coroutines import CoroutineWorker  # noqa: PLC0415 - imports asyncio

            async def keep() -> None:
                self.value = await call()
                check_result(self.what, self.value)

            worker, start = CoroutineWorker(self, self._loop.asyncio()), keep
        else:

            def keep_() -> None:
                self.value = call()
                check_result(self.what, self.value)

            worker = self._worker = Worker(self, self._loop)
            start = keep_
        core = self._loop.core
        begin = core.add_timer(0.0, lambda _kind, _data: worker.start(start))
        late = core.add_timer(self._timeout, self._is_due)
        try:
            while not self._is_over:
                with suppress(Interrupted):
                    self._ended.wait()
                self._bury()
        except BaseException:
            cut_short(self._loop, self.cut, lambda: self._is_over)
            raise
        finally:
            core.cancel_timer(begin)
            core.cancel_timer(late)
            worker.dismiss()
            self._loop.led = None
            # By hand: the loop of a thread that ends shall not wait for the garbage collector.
            self._worker = None

    def stop(self) -> None:
        """The run was stopped: one that sleeps may finish in a hurry, as in k6, any other is cut.

        Called by the leader.
        """
        if not self._is_over and not self.vu.hurry():
            self.vu.cut()

    def cut(self) -> None:
        """End it now, whatever it does. Called by the leader."""
        if not self._is_over:
            self.vu.cut()
        self._bury()

    def _bury(self) -> None:
        """End it where something struck its greenlet dead between two lines of ours."""
        if not self._is_over and self._began and self._worker is not None:
            self._worker.bury()

    # What a worker calls, as for an iteration ---------------------------------------------------------

    @property
    def what(self) -> str:
        """What texts call it."""
        return f"{self.name}()"

    def begin(self) -> None:
        """The stage begins."""
        self._began = self._loop.core.now()

    def failed(self, error: BaseException) -> None:
        """It raised."""
        self.error = error

    def failed_also(self, first: BaseException, second: BaseException) -> None:
        """A handler raised as well, while its sockets closed: it is told with the first."""
        said = f"{type(second).__name__}: {text_of(second)}"
        # The class of the first may have notes of its own, which are none.
        with suppress(TypeError):
            first.add_note(f"a handler that ran while sockets closed raised as well: {said}")

    def failed_between(self, error: BaseException) -> None:
        """There is nothing between stages."""

    def left_behind(self) -> None:
        """A task outlived it."""
        self.tasks_left += 1

    def end(self) -> None:
        """It is over, with all its sockets and timers. Again, this does nothing."""
        if self._is_over:
            return
        vu = self.vu
        self.is_cut = vu.is_cut
        # One that never gave way was ended by the watchdog, before its timer was looked at.
        if vu.is_cut and self._loop.core.now() - self._began >= self._timeout:
            self.is_late = True
        if vu.who.account is not None:
            self._run.stage_ended(vu.who.account, vu.who.tags)
        self._is_over = True
        self._ended.fire()

    def _is_due(self, _kind: int, _data: object) -> None:
        if not self._is_over:
            self.is_late = True
            self.cut()


class Data:
    """What ``setup`` returned."""

    def __init__(self, value: Any, *, is_given: bool = True) -> None:
        """Encode it, once; ``is_given`` is false when there is no ``setup``.

        Raises:
            K6Error: It is not JSON.
        """
        self.is_given = is_given
        """Whether there was a `setup`."""
        # Once, whoever reads it, and not before somebody does.
        self._shared: tuple[Any] | None = None
        try:
            self._text = json.dumps(value, default=_plain)
        except RecursionError:
            message = "setup() returned data that is nested too deeply"
            raise K6Error(message, "return lists and mappings a few levels deep") from None
        except (TypeError, ValueError) as error:
            message = f"setup() returned what is no JSON: {error}"
            raise K6Error(
                message, "return texts, numbers, lists, mappings, or a Response"
            ) from None

    def decoded(self) -> Any:
        """A copy of it."""
        return json.loads(self._text)

    def is_wanted_by(self, function: Callable[..., Any]) -> bool:
        """Whether a function declares a parameter for the data."""
        return _takes_data(function, even_with_default=self.is_given)

    def given_to(self, function: Callable[..., Any]) -> Callable[[], Any]:
        """``function`` with the data that all VUs share, if it declares a parameter."""
        if not self.is_wanted_by(function):
            return function
        if self._shared is None:
            self._shared = (shared(self.decoded()),)
        return partial(function, self._shared[0])

    def copied_for(self, function: Callable[..., Any]) -> Callable[[], Any]:
        """``function`` with a copy of its own: for a stage, of which there is one."""
        return partial(function, self.decoded()) if self.is_wanted_by(function) else function


def _plain(value: Any) -> Any:
    """What JSON has no form for: our own objects know theirs."""
    to_dict = getattr(value, "to_dict", None)
    if to_dict is None:
        message = f"{type(value).__name__} is not JSON"
        raise TypeError(message)
    return to_dict()


def _takes_data(function: Callable[..., Any], *, even_with_default: bool) -> bool:
    """Whether a function declares a parameter for the data.

    One with a default value is left alone when there is no data: ``lambda url=url: …``.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    )
    wanted = (one for one in parameters if one.kind in positional)
    return any(even_with_default or one.default is one.empty for one in wanted)
