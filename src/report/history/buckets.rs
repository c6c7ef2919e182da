//! A distribution as bytes, the way a page reads it: of negative values and of positive ones how many buckets are in
//! use, then each as its distance from the one before, with its count; all varints.

use std::iter::Peekable;

use super::column::{take_varint, varint};

/// The bytes; most distributions have a few dozen of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Buckets(Box<[u8]>);

impl Buckets {
    /// Of buckets by their distances.
    pub(super) fn of(negative: &[(u32, u64)], positive: &[(u32, u64)]) -> Self {
        let mut bytes = Vec::new();
        for side in [negative, positive] {
            varint(&mut bytes, side.len() as u64);
            for &(gap, count) in side {
                varint(&mut bytes, gap.into());
                varint(&mut bytes, count);
            }
        }
        Self(bytes.into())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// By their distances again.
    pub(super) fn sides(&self) -> [Vec<(u32, u64)>; 2] {
        let mut bytes = &*self.0;
        let mut side = || -> Vec<(u32, u64)> {
            let length = take_varint(&mut bytes);
            let one = |_| {
                // A distance of buckets was written as what it fits into.
                let gap = u32::try_from(take_varint(&mut bytes)).unwrap_or(u32::MAX);
                (gap, take_varint(&mut bytes))
            };
            (0..length).map(one).collect()
        };
        [side(), side()]
    }

    /// Adds the counts of the other.
    pub(super) fn merge(&mut self, other: &Self) {
        let ([negative, positive], [more_negative, more_positive]) = (self.sides(), other.sides());
        *self = Self::of(
            &merged(&negative, &more_negative),
            &merged(&positive, &more_positive),
        );
    }
}

fn merged(one: &[(u32, u64)], other: &[(u32, u64)]) -> Vec<(u32, u64)> {
    let (mut one, mut other) = (numbered(one), numbered(other));
    let mut before = 0;
    let mut all = Vec::new();
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(mine), Some(theirs)) => mine.0.min(theirs.0),
            (Some(only), None) | (None, Some(only)) => only.0,
            (None, None) => return all,
        };
        let count = count_of(&mut one, next) + count_of(&mut other, next);
        all.push((next - before, count));
        before = next;
    }
}

/// Each with its number in place of the distance.
fn numbered(gaps: &[(u32, u64)]) -> Peekable<impl Iterator<Item = (u32, u64)>> {
    let numbered = gaps.iter().scan(0, |at, &(gap, count)| {
        *at += gap;
        Some((*at, count))
    });
    numbered.peekable()
}

fn count_of(side: &mut Peekable<impl Iterator<Item = (u32, u64)>>, number: u32) -> u64 {
    side.next_if(|one| one.0 == number)
        .map_or(0, |(_, count)| count)
}
