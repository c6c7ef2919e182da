//! Which request times out next. One that ended before stays here until its time would have come, or until most of
//! them have ended.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::id::RequestId;
use crate::clock::Instant;

/// So many that have ended may lie here beside as many as are under way.
const SPARE: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Deadlines {
    /// The first that was ever added.
    base: Option<Instant>,
    /// Nanoseconds since then: half the memory of an instant.
    heap: BinaryHeap<Reverse<(u64, RequestId)>>,
}

impl Deadlines {
    pub(super) fn add(&mut self, at: Instant, id: RequestId) {
        let base = *self.base.get_or_insert(at);
        let Some(after) = at.checked_duration_since(base) else {
            return self.rebase(at, id);
        };
        let after = u64::try_from(after.as_nanos()).unwrap_or(u64::MAX);
        self.heap.push(Reverse((after, id)));
    }

    /// One that comes before the first that was added.
    fn rebase(&mut self, at: Instant, id: RequestId) {
        let base = self.base.replace(at).unwrap_or(at);
        let earlier = base.saturating_duration_since(at).as_nanos();
        let earlier = u64::try_from(earlier).unwrap_or(u64::MAX);
        let later = |Reverse((after, id)): Reverse<(u64, RequestId)>| {
            Reverse((after.saturating_add(earlier), id))
        };
        self.heap = self.heap.drain().map(later).collect();
        self.heap.push(Reverse((0, id)));
    }

    pub(super) fn first(&self) -> Option<(Instant, RequestId)> {
        let Reverse((after, id)) = self.heap.peek()?;
        Some((self.base? + Duration::from_nanos(*after), *id))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    pub(super) fn drop_first(&mut self) {
        self.heap.pop();
    }

    /// Drops those that have ended, once they are more than those under way: each is looked at once for each
    /// that ended.
    pub(super) fn tidy(&mut self, under_way: usize, is_under_way: impl Fn(RequestId) -> bool) {
        if self.heap.len() > 2 * under_way + SPARE {
            self.heap.retain(|Reverse((_, id))| is_under_way(*id));
            self.heap.shrink_to(2 * under_way + SPARE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn they_come_in_the_order_of_their_times_whichever_was_added_first() {
        let (now, mut deadlines) = (clock::now(), Deadlines::default());
        let times = [50, 20, 90, 20, 10, 70].map(|ms| now + Duration::from_millis(ms));
        for (number, at) in (0..).zip(times) {
            let (slot, generation) = (number, 0);
            deadlines.add(at, RequestId { slot, generation });
        }
        let mut found = Vec::new();
        while let Some((at, id)) = deadlines.first() {
            assert_eq!(at, times[id.slot as usize]);
            found.push(id.slot);
            deadlines.drop_first();
        }
        assert_eq!(found, [4, 1, 3, 0, 5, 2]);
    }
}
