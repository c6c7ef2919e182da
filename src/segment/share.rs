//! Which numbers of the whole test belong to one segment.
//!
//! Numbers are dealt out in *stripes*, not in blocks, so that every part sees the whole course of the test:
//! over the common denominator of all segments, the largest segment puts its items first, spread evenly over
//! what is free, then the next. 1/2, 1/4, 1/4 own 0 2 4 6…, 1 5 9…, 3 7 11…. The pattern repeats for ever.

use std::sync::Arc;

use super::fraction::common_divisor;
use super::{MOST_PARTS, Segment, SegmentError, Sequence};

/// What one segment owns of everything that is counted from zero: VUs, iterations, starts.
///
/// Cheap to clone. Invariant: `own` rises, is not empty and lies below `owners.len()`, the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The segment that owns each place of a period.
    owners: Arc<[u32]>,
    /// The segment that this is about.
    me: u32,
    /// The places that it owns.
    own: Arc<[u32]>,
}

impl Share {
    /// Everything.
    pub fn whole() -> Self {
        Self {
            owners: Arc::new([0]),
            me: 0,
            own: Arc::new([0]),
        }
    }

    /// The share of `segment`, which must be a part of the sequence.
    pub fn new(segment: Segment, sequence: &Sequence) -> Result<Self, SegmentError> {
        let position = sequence.segments().position(|part| part == segment);
        let position = position.ok_or_else(|| SegmentError::NotInSequence {
            segment,
            sequence: sequence.clone(),
        })?;
        // There are no more segments than parts, so the positions are small.
        let share = u32::try_from(position)
            .ok()
            .and_then(|me| Self::dealt(&sequence.lengths().ok()?, me));
        share.ok_or(SegmentError::TooFine)
    }

    /// The share of a segment when the weights of all are known. None if it has no weight.
    fn dealt(weights: &[u64], me: u32) -> Option<Self> {
        let divisor = weights.iter().copied().fold(0, common_divisor);
        if divisor == 0 {
            return None;
        }
        let weights: Vec<_> = weights.iter().map(|weight| weight / divisor).collect();
        let owners = deal(&weights);
        let places = (0_u32..).zip(&owners);
        let own: Vec<_> = places
            .filter_map(|(place, owner)| (*owner == me).then_some(place))
            .collect();
        (!own.is_empty()).then(|| Self {
            owners: owners.into(),
            me,
            own: own.into(),
        })
    }

    /// Whether this is all of the test.
    pub fn is_whole(&self) -> bool {
        self.own.len() == self.owners.len()
    }

    /// The size of the segment.
    pub fn size(&self) -> f64 {
        self.own.len() as f64 / self.owners.len() as f64
    }

    /// How many of `total` items are its own. Over all segments these add up to `total`.
    pub fn of(&self, total: u64) -> u64 {
        let period = self.owners.len() as u64;
        let begun = self
            .own
            .partition_point(|place| u64::from(*place) < total % period);
        total / period * self.own.len() as u64 + begun as u64
    }

    /// The same for a number of VUs.
    pub fn of_vus(&self, vus: u32) -> u32 {
        u32::try_from(self.of(vus.into())).unwrap_or(vus)
    }

    /// The number in the whole test of its own `nth` item, both from zero.
    pub fn nth(&self, nth: u64) -> u64 {
        let own = self.own.len() as u64;
        // The remainder is below the length of a slice, so it fits.
        let place = usize::try_from(nth % own).map_or(0, |index| self.own[index]);
        (nth / own)
            .saturating_mul(self.owners.len() as u64)
            .saturating_add(place.into())
    }

    /// The share of something that follows how `total` is split, not the size of the segments: iterations
    /// that VUs share go to where the VUs are. None if the segment owns none of `total`.
    pub fn in_proportion(&self, total: u32) -> Option<Self> {
        let parts = self
            .owners
            .iter()
            .max()
            .map_or(0, |last| *last as usize + 1);
        let mut weights = vec![0_u64; parts];
        let period = self.owners.len() as u64;
        let (rounds, rest) = (u64::from(total) / period, u64::from(total) % period);
        for (place, owner) in (0_u64..).zip(self.owners.iter()) {
            weights[*owner as usize] += rounds + u64::from(place < rest);
        }
        Self::dealt(&weights, self.me)
    }
}

/// Who owns each place: as many places as all weights together.
fn deal(weights: &[u64]) -> Vec<u32> {
    let places: u64 = weights.iter().sum();
    debug_assert!(places <= MOST_PARTS, "{places} places were not refused");
    let mut free = FreePlaces::new(usize::try_from(places).unwrap_or(0));
    let mut owners = vec![0; free.len];
    let mut by_weight: Vec<_> = (0_u32..).zip(weights.iter().copied()).collect();
    by_weight.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    for (owner, weight) in by_weight {
        let room = free.len as u64;
        for item in 0..weight {
            // Spread over what was free before its first item; those taken since all lie in front.
            let rank = (item * room).div_ceil(weight) - item;
            let place = free.take(usize::try_from(rank).unwrap_or(usize::MAX));
            owners[place] = owner;
        }
    }
    owners
}

/// Places that nobody owns yet, by rank: a Fenwick tree of counts.
struct FreePlaces {
    counts: Vec<u32>,
    len: usize,
}

impl FreePlaces {
    fn new(len: usize) -> Self {
        // A node covers as many places as its lowest bit says; all of them are free.
        let node = |index: usize| u32::try_from(index & index.wrapping_neg()).unwrap_or(0);
        Self {
            counts: (0..=len).map(node).collect(),
            len,
        }
    }

    /// Takes the free place with this rank, from zero.
    fn take(&mut self, mut rank: usize) -> usize {
        let size = self.counts.len();
        let mut place = 0;
        let mut step = size.next_power_of_two();
        while step > 0 {
            if place + step < size && self.counts[place + step] as usize <= rank {
                place += step;
                rank -= self.counts[place] as usize;
            }
            step /= 2;
        }
        let mut node = place + 1;
        while node < size {
            self.counts[node] -= 1;
            node += node & node.wrapping_neg();
        }
        self.len -= 1;
        place
    }
}
