//! The VUs of a run: one pool, from which every scenario takes what it needs.
//!
//! A VU is initialised when it is first needed, keeps its number for good, and belongs to one place of one
//! scenario until that scenario has finished; then it may serve another.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::clock::Instant;
use crate::engine::measure::{IterationSeries, VuAccount};
use crate::schedule::VuSlot;

/// A VU, by its position in the pool. What scripts see as its id is one more.
pub(super) type VuIndex = u32;

#[derive(Debug, Default)]
pub(super) struct Pool {
    vus: Vec<PooledVu>,
    /// Those that belong to no scenario; the lowest number serves next, so that few VUs have much to keep.
    free: BinaryHeap<Reverse<VuIndex>>,
}

#[derive(Debug)]
pub(super) struct PooledVu {
    pub(super) account: Arc<VuAccount>,
    /// The scenario, by its position, and the place there that it fills.
    pub(super) place: Option<(usize, VuSlot)>,
    /// From the order to start an iteration until its end: that counts once, however often it is told.
    pub(super) is_ordered: bool,
    /// From the order to enter its scenario until it is ready, or is not to be.
    pub(super) is_entering: bool,
    /// How many it has begun.
    pub(super) iterations: u32,
    /// When its iteration began.
    pub(super) began: Option<Instant>,
    /// When its next one was to begin, where a timetable says so.
    pub(super) planned: Option<Instant>,
    /// As what its last one was recorded.
    pub(super) series: Option<Box<IterationSeries>>,
}

impl Pool {
    /// Initialises VUs until there are `count`.
    pub(super) fn grow_to(&mut self, count: u32) {
        while self.vus.len() < count as usize {
            let index = self.add();
            self.free.push(Reverse(index));
        }
    }

    /// VUs initialised so far.
    pub(super) fn len(&self) -> usize {
        self.vus.len()
    }

    /// A VU for a place of a scenario: one that is free, or a new one.
    pub(super) fn take(&mut self, scenario: usize, slot: VuSlot) -> VuIndex {
        let index = match self.free.pop() {
            Some(Reverse(index)) => index,
            None => self.add(),
        };
        self.vus[index as usize].place = Some((scenario, slot));
        index
    }

    /// A scenario needs this VU no more.
    pub(super) fn give_back(&mut self, index: VuIndex) {
        if let Some(vu) = self.get_mut(index)
            && vu.place.take().is_some()
        {
            self.free.push(Reverse(index));
        }
    }

    pub(super) fn get(&self, index: VuIndex) -> Option<&PooledVu> {
        self.vus.get(index as usize)
    }

    pub(super) fn get_mut(&mut self, index: VuIndex) -> Option<&mut PooledVu> {
        self.vus.get_mut(index as usize)
    }

    fn add(&mut self) -> VuIndex {
        let index = VuIndex::try_from(self.vus.len()).expect("memory ends before the indices");
        self.vus.push(PooledVu {
            account: Arc::new(VuAccount::of_vu(index + 1)),
            iterations: 0,
            place: None,
            is_ordered: false,
            is_entering: false,
            began: None,
            planned: None,
            series: None,
        });
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vus_are_initialised_as_they_are_needed_and_serve_again() {
        let mut pool = Pool::default();
        pool.grow_to(2);
        let taken: Vec<_> = (0..3).map(|slot| pool.take(0, VuSlot(slot))).collect();
        assert_eq!((taken, pool.len()), (vec![0, 1, 2], 3));
        for index in [1, 0, 1] {
            // A second time changes nothing.
            pool.give_back(index);
        }
        assert_eq!(pool.take(1, VuSlot(0)), 0, "the lowest number");
        assert_eq!(pool.get_mut(0).unwrap().place, Some((1, VuSlot(0))));
        assert_eq!(pool.take(1, VuSlot(1)), 1);
        assert_eq!((pool.take(1, VuSlot(2)), pool.len()), (3, 4));
    }
}
