//! `minIterationDuration`: a VU that was quick rests until its iteration has lasted that long.
//!
//! Only the schedule is told late; what the iteration measured, it has measured. A cut ends the rest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::pool::VuIndex;
use crate::clock::Instant;

/// The VUs that rest, by the time they wake.
///
/// Each step costs the logarithm of their number, since many thousands may rest when their scenario ends.
/// Invariant: who rests is in `until`, and in `by_time` with the same time; what else is there is stale.
#[derive(Debug, Default)]
pub(super) struct Resting {
    until: BTreeMap<VuIndex, Instant>,
    by_time: BinaryHeap<Reverse<(Instant, VuIndex)>>,
}

impl Resting {
    pub(super) fn add(&mut self, until: Instant, vu: VuIndex) {
        self.until.insert(vu, until);
        self.by_time.push(Reverse((until, vu)));
    }

    /// When somebody wakes next.
    pub(super) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((until, vu))) = self.by_time.peek() {
            if self.until.get(vu) == Some(until) {
                return Some(*until);
            }
            self.by_time.pop();
        }
        None
    }

    /// A VU whose rest is over.
    pub(super) fn pop(&mut self, now: Instant) -> Option<VuIndex> {
        if self.next()? > now {
            return None;
        }
        let Reverse((_, vu)) = self.by_time.pop()?;
        self.until.remove(&vu);
        Some(vu)
    }

    /// Ends the rest of all whom `is_meant` picks, and tells whose.
    pub(super) fn extract(&mut self, is_meant: impl Fn(VuIndex) -> bool) -> Vec<VuIndex> {
        let gone: Vec<_> = self
            .until
            .keys()
            .copied()
            .filter(|vu| is_meant(*vu))
            .collect();
        for vu in &gone {
            self.remove(*vu);
        }
        gone
    }

    /// Ends the rest of a VU that is cut. False when it does not rest.
    pub(super) fn remove(&mut self, vu: VuIndex) -> bool {
        let has_rested = self.until.remove(&vu).is_some();
        if self.until.is_empty() {
            self.by_time.clear();
        }
        has_rested
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
        let mut resting = Resting::default();
        resting.add(at(20), 1);
        resting.add(at(10), 2);
        resting.add(at(30), 3);
        assert_eq!((resting.next(), resting.pop(now)), (Some(at(10)), None));
        assert_eq!(resting.pop(at(20)), Some(2));
        assert!(resting.remove(3) && !resting.remove(3));
        assert_eq!((resting.pop(at(40)), resting.pop(at(40))), (Some(1), None));
    }

    #[test]
    fn a_rest_that_was_ended_does_not_end_the_next_one() {
        let now = clock::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut resting = Resting::default();
        resting.add(at(10), 1);
        resting.add(at(10), 2);
        assert_eq!(resting.extract(|vu| vu == 1), [1]);
        resting.add(at(30), 1);
        assert_eq!((resting.pop(at(20)), resting.pop(at(20))), (Some(2), None));
        assert_eq!(
            (resting.next(), resting.pop(at(30))),
            (Some(at(30)), Some(1))
        );
    }
}
