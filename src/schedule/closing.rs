//! How every scenario ends.
//!
//! Two deadlines: at the regular end R no iteration starts any more; at the hard end H = R + graceful stop
//! the running ones are cut, each exactly once. An abort brings H forward to now. `Closing` keeps the phase
//! and who is running, for every executor; it does not know why an iteration starts.
//!
//! | phase | `open` | R passed | H passed | `abort` | idle |
//! | --- | --- | --- | --- | --- | --- |
//! | waiting | running | – | – | done | – |
//! | running | – | graceful stop | graceful stop, cut | graceful stop, cut | done, if the executor says so |
//! | graceful stop | – | – | cut (once) | cut (once) | done |
//! | done | – | – | – | – | – |

use std::time::Duration;

use super::{Action, Phase, VuSlot};

/// The end of a scenario, and the iterations that run towards it.
///
/// Invariant: `running_count` is the number of `true` in `running`; nothing runs while waiting or done.
#[derive(Debug)]
pub(super) struct Closing {
    regular_end: Duration,
    hard_end: Duration,
    phase: Phase,
    running: Vec<bool>,
    running_count: u32,
    /// The hard stop was given. Nothing starts after it, so nobody can need a second one.
    is_cut: bool,
    /// When the scenario was done, for a progress line that stands still.
    ended_at: Duration,
}

impl Closing {
    pub(super) fn new(vus: u32, regular_end: Duration, graceful_stop: Duration) -> Self {
        Self {
            regular_end,
            hard_end: regular_end.saturating_add(graceful_stop),
            phase: Phase::Waiting,
            running: vec![false; vus as usize],
            running_count: 0,
            is_cut: false,
            ended_at: Duration::ZERO,
        }
    }

    /// Waiting → running. False if the scenario was begun, or aborted, before.
    pub(super) fn open(&mut self) -> bool {
        let is_first = self.phase == Phase::Waiting;
        if is_first {
            self.phase = Phase::Running;
        }
        is_first
    }

    /// Iterations may start.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Running
    }

    /// Starts iteration `number` on `slot`, which must be idle while the scenario is open.
    pub(super) fn begin(&mut self, slot: VuSlot, number: u64, out: &mut Vec<Action>) {
        let running = &mut self.running[slot.0 as usize];
        debug_assert!(
            !*running && self.phase == Phase::Running,
            "slot {slot:?} started out of turn"
        );
        *running = true;
        self.running_count += 1;
        out.push(Action::StartIteration { slot, number });
    }

    /// The iteration on `slot` is over. False if none ran there.
    pub(super) fn end(&mut self, slot: VuSlot) -> bool {
        match self.running.get_mut(slot.0 as usize) {
            Some(running) if *running => {
                *running = false;
                self.running_count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Running → graceful stop once R has passed. True on that one call: it is the moment to report drops.
    pub(super) fn passes_regular_end(&mut self, now: Duration) -> bool {
        let passes = self.phase == Phase::Running && now >= self.regular_end;
        if passes {
            self.phase = Phase::GracefulStop;
        }
        passes
    }

    /// Cuts what still runs once H has passed.
    pub(super) fn cut_if_due(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.phase == Phase::GracefulStop && now >= self.hard_end {
            self.cut(out);
        }
    }

    /// Cuts what runs and starts nothing more, whatever the time.
    pub(super) fn abort(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.phase != Phase::Done {
            self.phase = Phase::GracefulStop;
            self.cut(out);
            self.finish_if_idle(now, out);
        }
    }

    /// Says `Finished`, once, if nothing runs. For a caller that knows nothing more will start.
    pub(super) fn finish_if_idle(&mut self, now: Duration, out: &mut Vec<Action>) {
        let has_begun = matches!(self.phase, Phase::Running | Phase::GracefulStop);
        if has_begun && self.running_count == 0 {
            self.phase = Phase::Done;
            self.ended_at = now.min(self.regular_end);
            out.push(Action::Finished);
        }
    }

    /// The next of the two ends that has something to decide.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        match self.phase {
            Phase::Running => Some(self.regular_end),
            Phase::GracefulStop if !self.is_cut => Some(self.hard_end),
            Phase::Waiting | Phase::GracefulStop | Phase::Done => None,
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn regular_end(&self) -> Duration {
        self.regular_end
    }

    pub(super) fn running_count(&self) -> u32 {
        self.running_count
    }

    /// Time since the start, standing still from the regular end or an earlier finish.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        match self.phase {
            Phase::Waiting => Duration::ZERO,
            Phase::Running | Phase::GracefulStop => now.min(self.regular_end),
            Phase::Done => self.ended_at,
        }
    }

    fn cut(&mut self, out: &mut Vec<Action>) {
        if self.is_cut {
            return;
        }
        self.is_cut = true;
        let slots = (0_u32..)
            .zip(&self.running)
            .filter(|(_, running)| **running);
        out.extend(slots.map(|(slot, _)| Action::HardStop { slot: VuSlot(slot) }));
    }
}
