"""The VUs of a run, and who runs their iterations.

A VU is made when it is first needed. It may serve one scenario after another, with a plain function here
and a coroutine function there: its identity and its state stay, its tags and its environment are those of
the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from k6ws import _core
from k6ws._loop import Loop, Vu
from k6ws._run.idlers import Idlers, sampled
from k6ws._run.iteration import Failed, Iteration
from k6ws._run.job import Job
from k6ws._run.membership import Host, Membership, Standing
from k6ws._run.worker import Worker

if TYPE_CHECKING:
    from k6ws._run.coroutines import CoroutineWorker


class _Member:
    """One VU with what runs its iterations, each made at its first use."""

    __slots__ = ("coroutines", "counts", "iteration", "job", "standing", "worker")

    def __init__(self, iteration: Iteration) -> None:
        self.iteration = iteration
        self.worker: Worker | None = None
        self.coroutines: CoroutineWorker | None = None
        self.job: Job | None = None
        # Iterations it has begun in scenarios that it left; most VUs have one scenario only.
        self.counts: dict[str, int] | None = None
        # Made for those that enter a scenario, or leave one.
        self.standing: Standing | None = None

    def stands(self) -> Standing:
        """Where it stands."""
        if self.standing is None:
            self.standing = Standing()
        return self.standing

    def is_under_way(self) -> bool:
        """Whether it is in an iteration, or on its way in or out."""
        on_its_way = self.standing is not None and self.standing.passage is not None
        return self.iteration.is_under_way or on_its_way

    def bury(self) -> None:
        """End an iteration that is under way and run by nobody."""
        if self.standing is not None and self.standing.passage is not None:
            self.standing.passage.bury()
        is_async = self.job is not None and self.job.is_async
        if self.iteration.is_under_way and not is_async:
            if self.worker is None:
                self.iteration.end()
            else:
                self.worker.bury()


class Vus:
    """Carries out what the schedule orders, from being made until :meth:`dismiss`."""

    def __init__(  # noqa: PLR0917 - what the VUs of a run are made of
        self,
        loop: Loop,
        run: _core.Run,
        options: _core.Options,
        jobs: list[Job],
        host: Host,
        left_behind: Callable[[], None],
    ) -> None:
        """``host`` is told each exception, ``left_behind`` each task that outlived its iteration."""
        self._loop = loop
        self._run = run
        self._options = options
        self._jobs = jobs
        self._failed: Failed = host.failed
        self._left_behind = left_behind
        self._members: list[_Member | None] = []
        self._membership = Membership(loop, run, host, left_behind, options.setup_timeout)
        loop.origin = copy_context()
        members = self._members
        # Not a method: with it this, and the loop of its thread, would wait for the garbage collector.
        self._idlers = Idlers(loop, lambda: _some(members))
        for index in range(run.vus()):
            self._member(index)
        for index, job in enumerate(jobs):
            if job.begin is not None:
                _core.vus_begin(run, index)
        run.employ(self._receive)

    def left_open(self) -> list[dict[str, Any]]:
        """How many iterations were cut for their sockets alone, by the line that opened those."""
        return self._idlers.left_open()

    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not any(one is not None and one.is_under_way() for one in self._members)

    def cut(self) -> None:
        """Cut every VU whose iteration is under way. Called by the leader."""
        for member in self._members:
            if member is not None and member.is_under_way():
                member.iteration.vu.cut()
        self.bury()

    def bury(self) -> None:
        """End the iterations of VUs that something struck dead between two lines of ours."""
        for member in self._members:
            if member is not None:
                member.bury()

    def dismiss(self) -> None:
        """Let every VU go: the run is over."""
        self._idlers.stop()
        self._membership.end()
        for member in self._members:
            if member is not None and member.worker is not None:
                member.worker.dismiss()
            if member is not None and member.coroutines is not None:
                member.coroutines.dismiss()
        self._members.clear()
        self._jobs.clear()
        # It would keep the run, and with it the thread's sockets.
        self._loop.led = None

    def _receive(self, kind: int, data: Any) -> None:
        """Take an order: start an iteration, cut a VU, have one enter its scenario or leave it."""
        if kind == _core.START_ITERATION:
            order: tuple[int, int, int] = data
            index, scenario, number = order
            if self._jobs:
                self._start(self._member(index), self._jobs[scenario], number)
        elif kind == _core.HARD_STOP:
            self._cut(int(data))
        elif kind == _core.ENTER_SCENARIO and self._jobs:
            entrance: tuple[int, int, int] = data
            index, scenario, _ = entrance
            member = self._member(index)
            self._assign(member, self._jobs[scenario])
            vu = member.iteration.vu
            self._membership.enter_before(vu, member.stands(), self._jobs[scenario])
        elif kind == _core.LEAVE_SCENARIO and self._jobs:
            member = self._member(int(data))
            self._membership.leave(member.iteration.vu, member.stands())

    def _cut(self, index: int) -> None:
        member = self._members[index] if index < len(self._members) else None
        if member is not None:
            self._idlers.cut(member.iteration.vu)
            member.iteration.vu.cut()
            if member.standing is not None and self._membership.cut(member.standing):
                return
            member.bury()
            # Where the order to start was lost to an exception that struck, the schedule still waits.
            member.iteration.tell_end()

    def _start(self, member: _Member, job: Job, number: int) -> None:
        if member.job is not job:
            self._assign(member, job)
        if job.has_members and member.stands().inside is not job:
            vu = member.iteration.vu
            begin, cut = lambda: self._begin(member, job, number), member.iteration.tell_end
            self._membership.enter(vu, member.stands(), job, begin, cut)
        else:
            self._begin(member, job, number)

    def _begin(self, member: _Member, job: Job, number: int) -> None:
        vu = member.iteration.vu
        member.iteration.is_under_way = True
        vu.who.number = number
        function = job.function if job.data is None else job.data.given_to(job.function)
        if job.is_async:
            if member.coroutines is None:
                # asyncio is loaded for scripts that use it.
                from k6ws._run.coroutines import CoroutineWorker  # noqa: PLC0415

                member.coroutines = CoroutineWorker(member.iteration, self._loop.asyncio())
            member.coroutines.start(function)
        else:
            if member.worker is None:
                member.worker = Worker(member.iteration, self._loop)
            member.worker.start(function)

    def _assign(self, member: _Member, job: Job) -> None:
        """Give a VU to a scenario. Tags that a script sets stay while it serves it, as in k6."""
        vu = member.iteration.vu
        if vu.belongings is not None:
            # Of a scenario that never had it leave: it was cut, or has finished.
            vu.abandon()
        if member.job is not None:
            counts = member.counts = member.counts or {}
            counts[member.job.name] = vu.who.iteration_in_scenario
            vu.who.iteration_in_scenario = counts.get(job.name, -1)
            vu.who.renew_state()
        member.job = job
        vu.who.scenario, vu.who.env, vu.who.tags = job.name, job.env, job.tags

    def _member(self, index: int) -> _Member:
        while index >= len(self._members):
            self._members.append(None)
        member = self._members[index]
        if member is None:
            vu = Vu(self._loop)
            vu.who.index = index
            vu.who.id = index + 1
            vu.who.run = self._run
            vu.context = self._loop.origin.copy()
            vu.who.defaults = self._options
            vu.who.account = self._run.account(index)
            iteration = Iteration(self._loop, self._run, vu, self._failed, self._left_behind)
            member = self._members[index] = _Member(iteration)
        return member


def _some(members: list[_Member | None]) -> list[Vu]:
    """Some of the VUs, or all if they are few."""
    return [member.iteration.vu for member in sampled(members) if member is not None]
