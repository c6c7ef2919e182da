//! Which request times out next. One that ended before stays here until its time would have come, or until most of
//! them have ended.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::id::RequestId;
use crate::clock::Instant;

/// So many that have ended may lie here beside as many as are under way.
const SPARE: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Instant, RequestId)>>);

impl Deadlines {
    pub(super) fn add(&mut self, at: Instant, id: RequestId) {
        self.0.push(Reverse((at, id)));
    }

    pub(super) fn first(&self) -> Option<(Instant, RequestId)> {
        self.0.peek().map(|Reverse(first)| *first)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn drop_first(&mut self) {
        self.0.pop();
    }

    /// Drops those that have ended, once they are more than those under way: each is looked at once for each
    /// that ended.
    pub(super) fn tidy(&mut self, under_way: usize, is_under_way: impl Fn(RequestId) -> bool) {
        if self.0.len() > 2 * under_way + SPARE {
            self.0.retain(|Reverse((_, id))| is_under_way(*id));
            self.0.shrink_to(2 * under_way + SPARE);
        }
    }
}
