//! `per-vu-iterations`: every VU does the same fixed number of iterations.
//!
//! A VU that is done leaves; it does not help the others. What a VU had left when the maximum duration is
//! over is dropped, one number per VU. Knows no time; the loop is in `closed_model`.

use super::closed_model::Supply;
use super::{Action, VuSlot};

/// What each VU still has to do, by slot.
#[derive(Debug)]
pub(super) struct PerVuIterations {
    total: u64,
    left: Vec<u64>,
}

impl PerVuIterations {
    pub(super) fn new(vus: u32, iterations: u64) -> Self {
        Self {
            total: u64::from(vus).saturating_mul(iterations),
            left: vec![iterations; vus as usize],
        }
    }
}

impl Supply for PerVuIterations {
    fn take(&mut self, slot: VuSlot) -> bool {
        let left = &mut self.left[slot.0 as usize];
        let is_one_left = *left > 0;
        *left = left.saturating_sub(1);
        is_one_left
    }

    fn give_back(&mut self, slot: VuSlot) {
        self.left[slot.0 as usize] += 1;
    }

    fn total(&self) -> Option<u64> {
        Some(self.total)
    }

    fn report_dropped(&self, out: &mut Vec<Action>) {
        let unfinished = self.left.iter().filter(|left| **left > 0);
        out.extend(unfinished.map(|left| Action::Drop { count: *left }));
    }
}
