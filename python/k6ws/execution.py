"""Who am I, and how far is the test: k6's ``k6/execution``.

For example::

    from k6ws import execution

    def default():
        row = rows[execution.scenario.iteration_in_test]     # each row once, whatever VU comes first
        if row is bad:
            execution.test.abort("no such user")

In the body of a script nothing is known yet: everything but ``test.abort`` raises there. Outside any run the
VU is number 0. See https://grafana.com/docs/k6/latest/javascript-api/k6-execution/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, NoReturn

from k6ws import _core
from k6ws._loop import Vu, check_counted, current, stand
from k6ws._loop.control import Control
from k6ws._params import tag_pairs
from k6ws.errors import InitContextError, Interrupted, K6Error, TestAborted

if TYPE_CHECKING:
    from random import Random

__all__ = ["instance", "mark", "scenario", "test", "vu"]


def _current(what: str) -> Vu:
    """The VU whose code is running, which has begun."""
    one = current()
    if one.who.is_init:
        message = f"getting {what} information in the init context is not supported"
        raise InitContextError(message, "ask in a function that VUs run")
    return one


def mark(name: object) -> None:
    """Mark this instant with a name: a deploy, a failover, the end of a warm-up.

    It is a sample of the counter ``marks``, with the name as tag ``mark``, so that outputs have it at its
    time; ``run.marks`` of the summary's data has name and time of the first 1,000.

    Args:
        name: What has happened; texts of a kind, as each is a tag of its own.

    Raises:
        K6Error: There is no test.

    Example:
        >>> from k6ws import execution
        >>> execution.mark("deploy")          # doctest: +SKIP
    """
    one = _current("test")
    control = one.loop.control
    if one.who.run is None or control is None:
        message = "there is no test outside a run"
        raise K6Error(message)
    control.mark(str(name))


class _Tags(MutableMapping[str, Any]):
    """The tags of the current VU: what its later samples carry."""

    def __getitem__(self, key: str) -> str:
        value = current().who.tags.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        one = current()
        check_counted(one, "setting a tag")
        stand(one, one.who.group, one.who.tags.extended(tag_pairs({key: value}, "")))

    def __delitem__(self, key: str) -> None:
        one = current()
        check_counted(one, "setting a tag")
        kept = [(name, value) for name, value in one.who.tags.items() if name != key]
        if len(kept) == len(one.who.tags.items()):
            raise KeyError(key)
        stand(one, one.who.group, type(one.who.tags)().extended(kept))

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in current().who.tags.items()])

    def __len__(self) -> int:
        return len(current().who.tags.items())


class _VuMetrics:
    """What the samples of the current VU carry."""

    tags = _Tags()


class _Vu:
    """The virtual user whose code is running; all zero and empty outside a run."""

    metrics = _VuMetrics()
    tags = metrics.tags
    """The old name of ``metrics.tags``."""

    @property
    def id_in_instance(self) -> int:
        """Its number in this process, from 1; 0 in ``setup`` and ``teardown``."""
        return _current("VU").who.id

    @property
    def id_in_test(self) -> int:
        """Its number in the whole test, from 1, unique over all execution segments."""
        one = _current("VU")
        return (
            one.who.id
            if one.who.run is None or not one.who.id
            else one.who.run.id_in_test(one.who.index)
        )

    @property
    def iteration_in_instance(self) -> int:
        """Iterations this VU has begun before this one."""
        return _current("VU").who.iteration

    @property
    def iteration_in_scenario(self) -> int:
        """The same within the scenario."""
        return _current("VU").who.iteration_in_scenario

    @property
    def state(self) -> dict[str, Any]:
        """Whatever the script wants to keep between the iterations of this VU."""
        return current().who.state

    @property
    def random(self) -> Random:
        """This VU's generator, seeded with its number or by ``random_seed``."""
        return current().generator()

    idInInstance = id_in_instance  # noqa: N815 - k6's spelling, here and below
    idInTest = id_in_test  # noqa: N815
    iterationInInstance = iteration_in_instance  # noqa: N815
    iterationInScenario = iteration_in_scenario  # noqa: N815


class _Scenario:
    """The scenario of the running iteration. There is none in ``setup`` and ``teardown``."""

    @property
    def name(self) -> str:
        """Its name; ``default`` for the shortcuts, empty outside a run."""
        return self._vu()[0].who.scenario

    @property
    def executor(self) -> str:
        """Its executor, such as ``constant-vus``."""
        return self._status().executor

    @property
    def start_time(self) -> float:
        """When it began, in milliseconds since 1970."""
        return self._status().start_time

    @property
    def progress(self) -> float:
        """How far it is, from 0 to 1: by iterations where they are counted, else by time."""
        return self._status().progress

    @property
    def iteration_in_instance(self) -> int:
        """The number of the iteration in this scenario and process, from 0: no two have the same."""
        return self._vu()[0].who.number

    @property
    def iteration_in_test(self) -> int:
        """The same over all processes of the test: for rows of test data that are used once."""
        one, run = self._vu()
        return (
            one.who.number if run is None else run.number_in_test(one.who.scenario, one.who.number)
        )

    def _vu(self) -> tuple[Vu, _core.Run | None]:
        one = _current("scenario")
        if one.who.run is not None and not one.who.scenario:
            message = "getting scenario information outside of the VU context is not supported"
            raise K6Error(message, "setup and teardown belong to no scenario")
        return one, one.who.run

    def _status(self) -> _core.ScenarioStatus:
        one, run = self._vu()
        if run is None:
            message = "there is no scenario outside a run"
            raise K6Error(message)
        return run.scenario_status(one.who.scenario)

    startTime = start_time  # noqa: N815
    iterationInInstance = iteration_in_instance  # noqa: N815
    iterationInTest = iteration_in_test  # noqa: N815


class _Instance:
    """This process's part of the test."""

    @property
    def iterations_completed(self) -> int:
        """Iterations that have finished, whatever came of them."""
        return self._status().iterations_completed

    @property
    def iterations_interrupted(self) -> int:
        """Iterations that were cut."""
        return self._status().iterations_interrupted

    @property
    def vus_active(self) -> int:
        """VUs at work."""
        return self._status().vus_active

    @property
    def vus_initialized(self) -> int:
        """VUs that there are."""
        return self._status().vus_initialized

    @property
    def current_test_run_duration(self) -> float:
        """How long the test lasts so far, in milliseconds, ``setup`` included."""
        return self._status().test_run_duration

    def _status(self) -> _core.InstanceStatus:
        run = _current("instance").who.run
        if run is None:
            message = "there is no instance outside a run"
            raise K6Error(message)
        return run.instance_status()

    iterationsCompleted = iterations_completed  # noqa: N815
    iterationsInterrupted = iterations_interrupted  # noqa: N815
    vusActive = vus_active  # noqa: N815
    vusInitialized = vus_initialized  # noqa: N815
    currentTestRunDuration = current_test_run_duration  # noqa: N815


class _Test:
    """The test as a whole."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The options as they are carried out, under k6's names: merged, with defaults, read-only.

        Shortcuts such as ``duration`` have become ``scenarios``; what was not set is ``None``.
        """
        return self._control().options()

    def abort(self, message: object = "") -> NoReturn:
        """End the test now: what runs is cut, ``teardown`` and the summary follow, exit code 108.

        Args:
            message: Why, for the log.

        Raises:
            Interrupted: In a VU, ``setup`` or ``teardown``: let it pass.
            TestAborted: While the script is loaded.
            K6Error: There is no test.
        """
        one = current()
        if one.who.is_init:
            raise TestAborted(str(message) or "test aborted")
        self._control().abort(str(message))
        raise Interrupted

    def fail(self, message: object = "") -> None:
        """Go on to the end, and exit with code 110 then.

        Args:
            message: Why, for the log.

        Raises:
            K6Error: There is no test.
        """
        _current("test")
        self._control().fail(str(message))

    def _control(self) -> Control:
        one = _current("test")
        control = one.loop.control
        if one.who.run is None or control is None:
            message = "there is no test outside a run"
            raise K6Error(message)
        return control


vu = _Vu()
scenario = _Scenario()
instance = _Instance()
test = _Test()
