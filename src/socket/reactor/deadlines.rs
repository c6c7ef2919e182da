//! When which connection wants to be looked at, if nothing happens on it before: a pure heap.
//!
//! A connection with a deadline has one entry, and one without has none. An entry is never taken out: where the
//! deadline moves on (as with each message under `idle_timeout`), it surfaces too early and the connection is armed
//! anew; where the deadline comes nearer, a second one is made, and the first is known by its time when it surfaces.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Instant;
use crate::socket::queue::Key;

/// The heap.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Instant, Key)>>);

impl Deadlines {
    /// Sees to it that `key` surfaces at `wanted`; `armed` is when it does already.
    #[inline]
    pub(super) fn arm(&mut self, key: Key, wanted: Option<Instant>, armed: &mut Option<Instant>) {
        if let Some(at) = wanted
            && armed.is_none_or(|armed| at < armed)
        {
            *armed = Some(at);
            self.0.push(Reverse((at, key)));
        }
    }

    /// The earliest of all.
    #[inline]
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// The next that has surfaced at `now`, and for when it was armed.
    pub(super) fn expire(&mut self, now: Instant) -> Option<(Instant, Key)> {
        self.next().filter(|at| *at <= now)?;
        self.0.pop().map(|Reverse(entry)| entry)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock;

    const KEY: Key = Key {
        index: 3,
        generation: 1,
    };

    #[test]
    fn what_has_no_deadline_has_no_entry_and_a_later_one_makes_no_second() {
        let mut deadlines = Deadlines::default();
        let (now, mut armed) = (clock::now(), None);
        deadlines.arm(KEY, None, &mut armed);
        assert_eq!((deadlines.next(), armed), (None, None));
        for later in 1..100 {
            let at = now + Duration::from_secs(later);
            deadlines.arm(KEY, Some(at), &mut armed);
        }
        let first = now + Duration::from_secs(1);
        assert_eq!(armed, Some(first));
        assert_eq!(deadlines.expire(now), None);
        assert_eq!(deadlines.expire(first), Some((first, KEY)));
        assert_eq!(deadlines.next(), None);
    }

    #[test]
    fn a_nearer_deadline_surfaces_first_and_the_old_entry_is_known_by_its_time() {
        let mut deadlines = Deadlines::default();
        let (now, mut armed) = (clock::now(), None);
        let [near, far] = [1, 2].map(|seconds| now + Duration::from_secs(seconds));
        deadlines.arm(KEY, Some(far), &mut armed);
        deadlines.arm(KEY, Some(near), &mut armed);
        assert_eq!(armed, Some(near));
        assert_eq!(deadlines.expire(far), Some((near, KEY)));
        let stale = deadlines.expire(far).unwrap();
        assert!(stale == (far, KEY) && armed != Some(stale.0));
    }
}
