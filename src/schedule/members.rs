//! Who has entered a scenario with something of its own, and has to leave it: the VUs whose sockets outlive
//! iterations, or whose script begins and ends a VU.
//!
//! An executor knows iterations only. This stands behind it and follows what it wants: a VU that gets no further
//! iteration is told to leave, one that is wanted again meanwhile starts when it has left, and the scenario has
//! finished when all have. Those that are cut are out at once. Pure, as executors are.
//!
//! | a member | starts | its iteration ended | nothing starts any more | is cut | has left |
//! | --- | --- | --- | --- | --- | --- |
//! | busy | – | idle, or leaves | – | out | – |
//! | idle | busy | – | leaves | out | – |
//! | leaving | waits | – | – | is told to stop | out, or starts what waited |

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Action, Executor, Phase, VuSlot};

/// The members of one scenario.
///
/// Invariant: `deadlines` has the members that leave and have not been told to stop.
#[derive(Debug)]
pub struct Members {
    /// How long one may take to leave, and the end of that for all.
    grace: Duration,
    hard_end: Duration,
    /// Who runs nothing may be wanted again: it stays until nothing starts any more.
    stay_idle: bool,
    all: BTreeMap<VuSlot, Member>,
    deadlines: BTreeSet<(Duration, VuSlot)>,
    /// Nothing starts any more; who idles has been told to leave.
    is_closed: bool,
    /// The executor has finished, which is said when all have left.
    has_finished: bool,
}

#[derive(Debug)]
enum Member {
    Busy,
    Idle,
    /// With what it is to start when it has left.
    Leaving(Option<Action>),
}

impl Members {
    /// Nobody yet. Each may take `grace` to leave, none may go on past `hard_end`; with `stay_idle` one that
    /// runs nothing leaves only when nothing starts any more.
    pub fn new(grace: Duration, hard_end: Duration, stay_idle: bool) -> Self {
        Self {
            grace,
            hard_end,
            stay_idle,
            all: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            is_closed: false,
            has_finished: false,
        }
    }

    /// A VU has entered: in its iteration, or before it.
    pub fn entered(&mut self, slot: VuSlot, is_busy: bool) {
        let member = if is_busy { Member::Busy } else { Member::Idle };
        self.all.entry(slot).or_insert(member);
    }

    /// A VU is none any more: it could not enter.
    pub fn forget(&mut self, slot: VuSlot) {
        self.all.remove(&slot);
        self.deadlines.retain(|(_, other)| *other != slot);
    }

    /// What is to be done of what the executor wants, who leaves included; `ended` is whose iteration it has
    /// just been told of.
    pub fn follow(
        &mut self,
        executor: &mut dyn Executor,
        now: Duration,
        ended: Option<VuSlot>,
        wanted: Vec<Action>,
    ) -> Vec<Action> {
        let mut out = Vec::new();
        if let Some(member) = ended.and_then(|slot| self.all.get_mut(&slot))
            && matches!(member, Member::Busy)
        {
            *member = Member::Idle;
        }
        self.take(executor, now, wanted, &mut out);
        self.close(executor, now, &mut out);
        if let Some(slot) = ended.filter(|_| self.is_closed || !self.stay_idle) {
            self.leave_if_idle(slot, now, &mut out);
        }
        self.pass_deadlines(now, &mut out);
        self.finish(&mut out);
        out
    }

    /// A VU has left, or has been stopped while it did.
    pub fn left(
        &mut self,
        executor: &mut dyn Executor,
        slot: VuSlot,
        now: Duration,
    ) -> Vec<Action> {
        let mut out = Vec::new();
        if matches!(self.all.get(&slot), Some(Member::Leaving(_)))
            && let Some(Member::Leaving(Some(start))) = self.remove(slot)
        {
            if executor.progress(now).phase == Phase::Running {
                out.push(start);
            } else {
                self.give_back(executor, slot, now, &mut out);
            }
        }
        self.finish(&mut out);
        out
    }

    /// The test is about to be aborted: nobody takes leave from now on.
    pub fn stop(&mut self) {
        (self.grace, self.hard_end) = (Duration::ZERO, Duration::ZERO);
        let leaving = std::mem::take(&mut self.deadlines).into_iter();
        self.deadlines = leaving.map(|(_, slot)| (Duration::ZERO, slot)).collect();
    }

    /// When [`Members::follow`] must be called, if at all.
    pub fn next_wake(&self) -> Option<Duration> {
        self.deadlines.first().map(|(until, _)| *until)
    }

    fn take(
        &mut self,
        executor: &mut dyn Executor,
        now: Duration,
        wanted: Vec<Action>,
        out: &mut Vec<Action>,
    ) {
        for action in wanted {
            match action {
                Action::StartIteration { slot, .. } => match self.all.get_mut(&slot) {
                    Some(Member::Leaving(next)) => *next = Some(action),
                    Some(member) => {
                        *member = Member::Busy;
                        out.push(action);
                    }
                    None => out.push(action),
                },
                Action::HardStop { slot } => {
                    if let Some(Member::Leaving(next)) = self.all.get_mut(&slot) {
                        // The executor means what waits.
                        *next = None;
                        self.give_back(executor, slot, now, out);
                    } else {
                        self.remove(slot);
                        out.push(action);
                    }
                }
                Action::Finished => self.has_finished = true,
                Action::Leave { .. } | Action::Drop { .. } => out.push(action),
            }
        }
    }

    /// An iteration that the executor has started will not begin.
    fn give_back(
        &mut self,
        executor: &mut dyn Executor,
        slot: VuSlot,
        now: Duration,
        out: &mut Vec<Action>,
    ) {
        let mut wanted = Vec::new();
        executor.iteration_ended(slot, now, &mut wanted);
        self.take(executor, now, wanted, out);
    }

    /// Has all who idle leave, once nothing starts any more.
    fn close(&mut self, executor: &dyn Executor, now: Duration, out: &mut Vec<Action>) {
        if self.is_closed || self.all.is_empty() || executor.progress(now).phase <= Phase::Running {
            return;
        }
        self.is_closed = true;
        let slots: Vec<_> = self.all.keys().copied().collect();
        for slot in slots {
            self.leave_if_idle(slot, now, out);
        }
    }

    fn leave_if_idle(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) {
        if !matches!(self.all.get(&slot), Some(Member::Idle)) {
            return;
        }
        let until = now.saturating_add(self.grace).min(self.hard_end);
        if until <= now {
            self.all.remove(&slot);
            out.push(Action::HardStop { slot });
        } else {
            self.all.insert(slot, Member::Leaving(None));
            self.deadlines.insert((until, slot));
            out.push(Action::Leave { slot });
        }
    }

    fn pass_deadlines(&mut self, now: Duration, out: &mut Vec<Action>) {
        while let Some((_, slot)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            self.deadlines.pop_first();
            out.push(Action::HardStop { slot });
        }
    }

    fn remove(&mut self, slot: VuSlot) -> Option<Member> {
        let member = self.all.remove(&slot);
        if matches!(member, Some(Member::Leaving(_))) {
            self.deadlines.retain(|(_, other)| *other != slot);
        }
        member
    }

    fn finish(&mut self, out: &mut Vec<Action>) {
        if self.has_finished && self.all.is_empty() {
            self.has_finished = false;
            out.push(Action::Finished);
        }
    }
}
