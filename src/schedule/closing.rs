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

use super::{Action, ExecutorProgress, Phase, VuSlot};
use crate::segment::Share;

/// The end of a scenario, and the iterations that run towards it.
///
/// Invariant: `running_count` is the number of slots that are not idle; all are while waiting or done.
#[derive(Debug)]
pub(super) struct Closing {
    regular_end: Duration,
    hard_end: Duration,
    phase: Phase,
    slots: Vec<SlotState>,
    running_count: u32,
    /// Iterations started so far.
    started: u64,
    /// Which numbers of the whole test they have.
    share: Share,
    /// The hard stop was given. Nothing starts after it, so nobody can need a second one.
    is_cut: bool,
    /// When the scenario was done, for a progress line that stands still.
    ended_at: Duration,
}

/// What the VU of a slot does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotState {
    Idle,
    Running,
    /// It runs, and has been told to stop.
    Cut,
}

impl Closing {
    pub(super) fn new(
        vus: u32,
        regular_end: Duration,
        graceful_stop: Duration,
        share: Share,
    ) -> Self {
        Self {
            regular_end,
            hard_end: regular_end.saturating_add(graceful_stop),
            phase: Phase::Waiting,
            slots: vec![SlotState::Idle; vus as usize],
            running_count: 0,
            started: 0,
            share,
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

    /// Starts an iteration on `slot`, which must be idle while the scenario is open.
    pub(super) fn begin(&mut self, slot: VuSlot, due: Duration, out: &mut Vec<Action>) {
        let state = &mut self.slots[slot.0 as usize];
        debug_assert!(
            *state == SlotState::Idle && self.phase == Phase::Running,
            "slot {slot:?} started out of turn"
        );
        *state = SlotState::Running;
        self.running_count += 1;
        out.push(Action::StartIteration {
            slot,
            number: self.started,
            number_in_test: self.share.nth(self.started),
            due,
        });
        self.started += 1;
    }

    /// Whether an iteration runs on `slot`.
    pub(super) fn is_running(&self, slot: VuSlot) -> bool {
        let state = self.slots.get(slot.0 as usize);
        state.is_some_and(|state| *state != SlotState::Idle)
    }

    /// The iteration on `slot` is over. False if none ran there.
    pub(super) fn end(&mut self, slot: VuSlot) -> bool {
        let is_running = self.is_running(slot);
        if is_running {
            self.slots[slot.0 as usize] = SlotState::Idle;
            self.running_count -= 1;
        }
        is_running
    }

    /// How many VUs run an iteration.
    pub(super) fn running(&self) -> u32 {
        self.running_count
    }

    /// Cuts the iteration on `slot`, if one runs and was not cut before.
    pub(super) fn cut_one(&mut self, slot: VuSlot, out: &mut Vec<Action>) {
        let state = &mut self.slots[slot.0 as usize];
        if *state == SlotState::Running {
            *state = SlotState::Cut;
            out.push(Action::HardStop { slot });
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

    /// Has the regular end be now, with as long a graceful stop.
    pub(super) fn end_early(&mut self, now: Duration) {
        if self.phase == Phase::Running && now < self.regular_end {
            let grace = self.hard_end.saturating_sub(self.regular_end);
            self.regular_end = now;
            self.hard_end = now.saturating_add(grace);
            self.phase = Phase::GracefulStop;
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

    /// The same for a scenario that lasts to its regular end even while nothing runs.
    pub(super) fn finish_if_over(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.phase == Phase::GracefulStop {
            self.finish_if_idle(now, out);
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

    /// The scenario was opened or aborted.
    pub(super) fn has_begun(&self) -> bool {
        self.phase != Phase::Waiting
    }

    /// How many VUs there may be.
    pub(super) fn slots(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn regular_end(&self) -> Duration {
        self.regular_end
    }

    pub(super) fn hard_end(&self) -> Duration {
        self.hard_end
    }

    /// The hard stop was given to all that ran.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How far the scenario is; who has more to say changes it.
    pub(super) fn progress(&self, now: Duration) -> ExecutorProgress {
        ExecutorProgress {
            active_vus: self.running_count,
            initialised_vus: self.slots(),
            max_vus: self.slots(),
            started: self.started,
            total: None,
            rate: None,
            elapsed: self.elapsed(now),
            regular_end: self.regular_end,
            phase: self.phase,
        }
    }

    /// Time since the start, standing still from the regular end or an earlier finish.
    fn elapsed(&self, now: Duration) -> Duration {
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
        for (slot, state) in (0_u32..).zip(&mut self.slots) {
            if *state == SlotState::Running {
                *state = SlotState::Cut;
                out.push(Action::HardStop { slot: VuSlot(slot) });
            }
        }
    }
}
