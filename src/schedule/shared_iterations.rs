//! `shared-iterations`: a fixed number of iterations, taken by whichever VU is free.
//!
//! One counter, no fair split: a fast VU does more. What the counter still holds when the maximum duration
//! is over is dropped, as one number. Knows neither time nor VUs; the loop is in `closed_model`.

use super::closed_model::Supply;
use super::{Action, VuSlot};

/// The counter all VUs draw from.
#[derive(Debug)]
pub(super) struct SharedIterations {
    total: u64,
    left: u64,
}

impl SharedIterations {
    pub(super) fn new(total: u64) -> Self {
        Self { total, left: total }
    }
}

impl Supply for SharedIterations {
    fn take(&mut self, _: VuSlot) -> bool {
        let is_one_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_one_left
    }

    fn give_back(&mut self, _: VuSlot) {
        self.left += 1;
    }

    fn total(&self) -> Option<u64> {
        Some(self.total)
    }

    fn report_dropped(&self, out: &mut Vec<Action>) {
        if self.left > 0 {
            out.push(Action::Drop { count: self.left });
        }
    }
}
