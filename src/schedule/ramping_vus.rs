//! `ramping-vus`: VUs loop, and their number follows a ramp.
//!
//! A VU that must go finishes its iteration within the graceful ramp-down, then it is cut. If the ramp turns
//! up again before that, it stays: the same VU goes on with the iteration that it is in. No grace reaches
//! past the hard end of the scenario.
//!
//! | a slot | step up | step down | its iteration ends | its grace is over |
//! | --- | --- | --- | --- | --- |
//! | idle | starts | – | – | – |
//! | loops | – | leaves | starts the next | – |
//! | leaves | loops on | – | idle | cut |
//! | cut | starts once it has ended | – | idle, or starts if stepped up | – |

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::closing::Closing;
use super::ramp::{Ramp, Step};
use super::{Action, Executor, ExecutorProgress, VuSlot};

/// Loops as many VUs as the ramp says.
///
/// Invariant: slots below `target` loop; those in `leaving` lie above it, the last one that must go, which is
/// the first to be taken back, at the back.
#[derive(Debug)]
pub(super) struct RampingVus {
    ramp: Ramp,
    next_step: Option<Step>,
    /// Slots below this number loop.
    target: u32,
    /// Until when the VUs that must go may finish, in the order of these instants.
    leaving: VecDeque<(Duration, VuSlot)>,
    /// Slots whose VU could not begin.
    gone: BTreeSet<VuSlot>,
    ramp_down: Duration,
    closing: Closing,
}

impl RampingVus {
    /// `closing` has as many slots as the ramp ever has VUs.
    pub(super) fn new(mut ramp: Ramp, ramp_down: Duration, closing: Closing) -> Self {
        let target = ramp.vus();
        Self {
            next_step: ramp.next(),
            ramp,
            target,
            leaving: VecDeque::new(),
            gone: BTreeSet::new(),
            ramp_down,
            closing,
        }
    }

    /// Acts on every step and every deadline that has passed. `raised` are slots that are to loop.
    fn catch_up(
        &mut self,
        now: Duration,
        mut raised: Vec<(VuSlot, Duration)>,
        out: &mut Vec<Action>,
    ) {
        loop {
            let step = self.next_step.filter(|step| step.at <= now);
            let over = self.leaving.front().copied().filter(|(at, _)| *at <= now);
            match (step, over) {
                // A VU whose grace ends just when it is wanted again stays.
                (Some(step), over) if over.is_none_or(|(at, _)| step.at <= at) => {
                    self.next_step = self.ramp.next();
                    self.take_step(step, &mut raised);
                }
                (_, Some((_, slot))) => {
                    self.leaving.pop_front();
                    self.closing.cut_one(slot, out);
                }
                (_, None) => break,
            }
        }
        self.closing.passes_regular_end(now);
        self.closing.cut_if_due(now, out);
        if self.closing.is_open() {
            for (slot, due) in raised {
                if !self.closing.is_running(slot) && !self.gone.contains(&slot) {
                    self.closing.begin(slot, due, out);
                }
            }
        }
        self.forget_idle();
    }

    fn take_step(&mut self, step: Step, raised: &mut Vec<(VuSlot, Duration)>) {
        let slot = step.slot;
        if step.is_up {
            self.target = slot.0 + 1;
            if self.leaving.back().is_some_and(|(_, last)| *last == slot) {
                self.leaving.pop_back();
            }
            raised.push((slot, step.at));
            return;
        }
        self.target = slot.0;
        if raised.last().is_some_and(|(last, _)| *last == slot) {
            raised.pop();
        }
        // Came and went before anyone looked: nothing runs there.
        if self.closing.is_running(slot) {
            let until = step.at.saturating_add(self.ramp_down);
            let until = until.min(self.closing.hard_end());
            self.leaving.push_back((until, slot));
        }
    }

    /// Whose iteration has ended needs no deadline, and after the hard stop nobody does.
    fn forget_idle(&mut self) {
        if self.closing.is_cut() {
            self.leaving.clear();
        }
        while let Some((_, slot)) = self.leaving.front()
            && !self.closing.is_running(*slot)
        {
            self.leaving.pop_front();
        }
    }
}

impl Executor for RampingVus {
    fn vus(&self) -> u32 {
        self.closing.slots()
    }

    fn start(&mut self, out: &mut Vec<Action>) {
        if self.closing.open() {
            let first = (0..self.target).map(|slot| (VuSlot(slot), Duration::ZERO));
            self.catch_up(Duration::ZERO, first.collect(), out);
        }
    }

    fn iteration_ended(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) {
        if self.closing.end(slot) {
            self.catch_up(now, Vec::new(), out);
            let is_wanted = slot.0 < self.target && self.closing.is_open();
            if is_wanted && !self.closing.is_running(slot) {
                self.closing.begin(slot, now, out);
            }
            self.closing.finish_if_over(now, out);
        }
    }

    fn gone(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) -> bool {
        if self.closing.end(slot) {
            self.gone.insert(slot);
            self.catch_up(now, Vec::new(), out);
            self.closing.finish_if_over(now, out);
        }
        let is_lost = self.gone.len() == self.closing.slots() as usize;
        if is_lost {
            self.closing.finish_if_idle(now, out);
        }
        is_lost
    }

    fn wake(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.closing.has_begun() {
            self.catch_up(now, Vec::new(), out);
            self.closing.finish_if_over(now, out);
        }
    }

    fn next_wake(&self) -> Option<Duration> {
        let end = self.closing.next_deadline()?;
        let step = self.next_step.map(|step| step.at);
        let leaving = self.leaving.front().map(|(until, _)| *until);
        step.into_iter().chain(leaving).chain([end]).min()
    }

    fn end(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.next_step = None;
        self.closing.end_early(now);
        self.closing.finish_if_over(now, out);
    }

    fn stop(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.next_step = None;
        self.leaving.clear();
        self.closing.abort(now, out);
    }

    fn progress(&self, now: Duration) -> ExecutorProgress {
        self.closing.progress(now)
    }
}
