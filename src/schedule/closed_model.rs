//! Executors whose VUs loop: the next iteration starts when the last one ended.
//!
//! The three closed-model executors differ only in who may take one more iteration; that answer is a
//! [`Supply`], one small file each. Everything else (all VUs start at once, a VU that gets nothing leaves,
//! the two ends) is here and in [`super::closing`]. Knows no clock: a VU pauses only if its script does.

use std::time::Duration;

use super::closing::Closing;
use super::{Action, Executor, ExecutorProgress, VuSlot};

/// The iterations of a scenario, handed out one at a time.
pub(super) trait Supply: Send {
    /// Takes one more iteration for this VU. False ends the VU's loop for good.
    fn take(&mut self, slot: VuSlot) -> bool;

    /// Takes back what this VU took last and could not run: another one may have it, if any asks.
    fn give_back(&mut self, slot: VuSlot);

    /// How many iterations were promised, if that is a number.
    fn total(&self) -> Option<u64>;

    /// The regular end came first: reports what nobody took. Taken but cut is not dropped.
    fn report_dropped(&self, out: &mut Vec<Action>);
}

/// Loops `vus` VUs over a supply until it or the time runs out.
///
/// Invariant: a VU that runs nothing has left its loop. Hence the running VUs are the active ones, and a
/// scenario without any is finished.
#[derive(Debug)]
pub(super) struct ClosedModel<S> {
    vus: u32,
    supply: S,
    /// VUs that could not begin.
    gone: u32,
    closing: Closing,
}

impl<S: Supply> ClosedModel<S> {
    pub(super) fn new(vus: u32, supply: S, closing: Closing) -> Self {
        Self {
            vus,
            supply,
            gone: 0,
            closing,
        }
    }

    /// Acts on every deadline that has passed.
    fn catch_up(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.closing.passes_regular_end(now) {
            self.supply.report_dropped(out);
        }
        self.closing.cut_if_due(now, out);
    }

    /// What VUs that are gone leave behind is dropped when nobody is left who could take it.
    fn finish_if_idle(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.gone > 0 && self.closing.is_open() && self.closing.running() == 0 {
            self.supply.report_dropped(out);
        }
        self.closing.finish_if_idle(now, out);
    }

    fn start_next(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) {
        if self.closing.is_open() && self.supply.take(slot) {
            self.closing.begin(slot, now, out);
        }
    }
}

impl<S: Supply> Executor for ClosedModel<S> {
    fn vus(&self) -> u32 {
        self.vus
    }

    fn start(&mut self, out: &mut Vec<Action>) {
        if self.closing.open() {
            for slot in 0..self.vus {
                self.start_next(VuSlot(slot), Duration::ZERO, out);
            }
            self.closing.finish_if_idle(Duration::ZERO, out);
        }
    }

    fn iteration_ended(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) {
        if self.closing.end(slot) {
            self.catch_up(now, out);
            self.start_next(slot, now, out);
            self.finish_if_idle(now, out);
        }
    }

    fn gone(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) -> bool {
        if self.closing.end(slot) {
            self.gone += 1;
            self.supply.give_back(slot);
            self.catch_up(now, out);
            self.finish_if_idle(now, out);
        }
        self.gone == self.vus
    }

    fn wake(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.catch_up(now, out);
    }

    fn next_wake(&self) -> Option<Duration> {
        self.closing.next_deadline()
    }

    fn end(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.closing.end_early(now);
        self.closing.finish_if_over(now, out);
    }

    fn stop(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.catch_up(now, out);
        self.closing.abort(now, out);
    }

    fn progress(&self, now: Duration) -> ExecutorProgress {
        ExecutorProgress {
            total: self.supply.total(),
            ..self.closing.progress(now)
        }
    }
}
