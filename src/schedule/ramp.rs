//! How the number of VUs goes up and down: one step at a time, each with its instant.
//!
//! A stage leads in a straight line from one number of VUs to another; the step to the number that lies
//! `k` of `n` on the way is due after `k/n` of its time. Steps of the whole test belong to one process each;
//! here are those of ours, found without looking at the others.

use std::time::Duration;

use super::VuSlot;
use super::offset::nanos;
use crate::options::Stage;
use crate::segment::Share;

/// One VU more or one less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The offset at which it is due.
    pub(super) at: Duration,
    /// The VU that comes or goes. The last one that came goes first.
    pub(super) slot: VuSlot,
    /// It comes.
    pub(super) is_up: bool,
}

/// The steps of a scenario, in order.
#[derive(Debug, Clone)]
pub(super) struct Ramp {
    slopes: Vec<Slope>,
    /// The stage that the next step is looked for in.
    stage: usize,
    /// Our VUs after the last step.
    vus: u32,
    share: Share,
}

/// A stage: from when, how long, and the VUs of the whole test at its two ends.
#[derive(Debug, Clone)]
struct Slope {
    begins: u128,
    duration: u128,
    from: u64,
    to: u64,
}

impl Ramp {
    pub(super) fn new(start_vus: u32, stages: &[Stage], share: &Share) -> Self {
        let mut slopes = Vec::with_capacity(stages.len());
        let (mut begins, mut from) = (0, u64::from(start_vus));
        for stage in stages {
            let (duration, to) = (stage.duration.as_nanos(), stage.target);
            slopes.push(Slope {
                begins,
                duration,
                from,
                to,
            });
            begins += duration;
            from = to;
        }
        Self {
            slopes,
            stage: 0,
            vus: share.of_vus(start_vus),
            share: share.clone(),
        }
    }

    /// Our VUs before the next step; at first those that the scenario starts with.
    pub(super) fn vus(&self) -> u32 {
        self.vus
    }
}

impl Iterator for Ramp {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            let slope = self.slopes.get(self.stage)?;
            let is_up = slope.to > slope.from;
            // Our next VU to come makes the whole test one more than its number there; the last one that
            // came leaves as many as its number.
            let (slot, reached) = if is_up {
                (Some(self.vus), self.share.nth(self.vus.into()) + 1)
            } else {
                let last = self.vus.checked_sub(1);
                (last, last.map_or(0, |last| self.share.nth(last.into())))
            };
            let is_on_the_way = if is_up {
                reached <= slope.to
            } else {
                reached >= slope.to && slope.from > slope.to
            };
            if let Some(slot) = slot.filter(|_| is_on_the_way) {
                self.vus = if is_up { slot + 1 } else { slot };
                let done = u128::from(reached.abs_diff(slope.from));
                let whole = u128::from(slope.to.abs_diff(slope.from));
                return Some(Step {
                    at: nanos(slope.begins + (slope.duration * done).div_ceil(whole)),
                    slot: VuSlot(slot),
                    is_up,
                });
            }
            self.stage += 1;
        }
    }
}
