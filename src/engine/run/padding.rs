//! `minIterationDuration`: a VU that was quick rests until its iteration has lasted that long.
//!
//! Only the schedule is told late; what the iteration measured, it has measured. A cut ends the rest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pool::VuIndex;
use crate::clock::Instant;

/// The VUs that rest, by the time they wake.
#[derive(Debug, Default)]
pub(super) struct Padding {
    resting: BinaryHeap<Reverse<(Instant, VuIndex)>>,
}

impl Padding {
    pub(super) fn add(&mut self, until: Instant, vu: VuIndex) {
        self.resting.push(Reverse((until, vu)));
    }

    /// When somebody wakes next.
    pub(super) fn next(&self) -> Option<Instant> {
        self.resting.peek().map(|Reverse((until, _))| *until)
    }

    /// A VU whose rest is over.
    pub(super) fn pop(&mut self, now: Instant) -> Option<VuIndex> {
        if self.next()? > now {
            return None;
        }
        self.resting.pop().map(|Reverse((_, vu))| vu)
    }

    /// Ends the rest of all whom `is_meant` picks, and tells whose.
    pub(super) fn extract(&mut self, is_meant: impl Fn(VuIndex) -> bool) -> Vec<VuIndex> {
        let mut gone = Vec::new();
        self.resting.retain(|Reverse((_, vu))| {
            let goes = is_meant(*vu);
            if goes {
                gone.push(*vu);
            }
            !goes
        });
        gone
    }

    /// Ends the rest of a VU that is cut. False when it does not rest.
    pub(super) fn remove(&mut self, vu: VuIndex) -> bool {
        let before = self.resting.len();
        self.resting.retain(|Reverse((_, one))| *one != vu);
        self.resting.len() < before
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock;

    #[test]
    fn vus_wake_in_the_order_of_their_times() {
        let now = clock::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut padding = Padding::default();
        padding.add(at(20), 1);
        padding.add(at(10), 2);
        padding.add(at(30), 3);
        assert_eq!((padding.next(), padding.pop(now)), (Some(at(10)), None));
        assert_eq!(padding.pop(at(20)), Some(2));
        assert!(padding.remove(3) && !padding.remove(3));
        assert_eq!((padding.pop(at(40)), padding.pop(at(40))), (Some(1), None));
    }
}
