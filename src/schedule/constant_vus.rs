//! `constant-vus`: a fixed number of VUs loop for a fixed time.
//!
//! There is always one more iteration to take, so only the regular end stops it, and nothing is ever
//! dropped. Knows no time; the loop is in `closed_model`.

use super::closed_model::Supply;
use super::{Action, VuSlot};

/// An endless supply.
#[derive(Debug)]
pub(super) struct ConstantVus;

impl Supply for ConstantVus {
    fn take(&mut self, _: VuSlot) -> bool {
        true
    }

    fn give_back(&mut self, _: VuSlot) {}

    fn total(&self) -> Option<u64> {
        None
    }

    fn report_dropped(&self, _: &mut Vec<Action>) {}
}
