//! The deadlines of one loop: a pure heap.
//!
//! `now` is an argument and what a timer is for is known to the caller alone: tests need no clock, and a hundred
//! thousand sleeping VUs cost a heap entry each. Equal deadlines fire in the order of creation. An
//! interval is fixed-rate: ticks that came due while nobody looked coalesce into one, and the next falls
//! on the original grid.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use crate::clock::Instant;

/// Names a timer until it has fired for the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(pub u64);

#[derive(Debug)]
struct Entry {
    due: Instant,
    period: Option<Duration>,
}

/// The heap. Cancelled timers leave a stale entry behind, which is dropped when it surfaces.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Instant, TimerId)>>,
    entries: HashMap<TimerId, Entry>,
    next: u64,
}

impl Timers {
    /// Arms a timer for `due`; with a period it comes again until it is cancelled.
    pub fn add(&mut self, due: Instant, period: Option<Duration>) -> TimerId {
        let id = TimerId(self.next);
        self.next += 1;
        self.heap.push(Reverse((due, id)));
        self.entries.insert(id, Entry { due, period });
        id
    }

    /// Disarms a timer. False when it was not armed any more.
    pub fn cancel(&mut self, id: TimerId) -> bool {
        let was_armed = self.entries.remove(&id).is_some();
        if self.heap.len() > 2 * self.entries.len() + 64 {
            let entries = &self.entries;
            self.heap
                .retain(|Reverse((due, id))| entries.get(id).is_some_and(|e| e.due == *due));
        }
        was_armed
    }

    /// The earliest deadline.
    pub fn next_due(&mut self) -> Option<Instant> {
        while let Some(Reverse((due, id))) = self.heap.peek() {
            if self.entries.get(id).is_some_and(|entry| entry.due == *due) {
                return Some(*due);
            }
            self.heap.pop();
        }
        None
    }

    /// Hands out what is due at `now`, in order, as (timer, deadline, whether it was the last time).
    pub fn expire(&mut self, now: Instant, mut fire: impl FnMut(TimerId, Instant, bool)) {
        // Intervals armed again by this call wait for the next one, or a tiny period would never end it.
        let mut again = Vec::new();
        while self.next_due().is_some_and(|due| due <= now) {
            let Some(Reverse((due, id))) = self.heap.pop() else {
                break;
            };
            let Some(entry) = self.entries.get_mut(&id) else {
                continue;
            };
            if let Some(period) = entry.period.filter(|period| !period.is_zero()) {
                let late = (now - due).as_nanos() / period.as_nanos();
                let steps = u32::try_from(late + 1).unwrap_or(u32::MAX);
                entry.due = due + period * steps;
                again.push(Reverse((entry.due, id)));
                fire(id, due, false);
            } else if self.entries.remove(&id).is_some() {
                fire(id, due, true);
            }
        }
        self.heap.extend(again);
    }

    /// Armed timers.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is armed.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn fired(timers: &mut Timers, now: Instant) -> Vec<TimerId> {
        let mut out = Vec::new();
        timers.expire(now, |id, _, _| out.push(id));
        out
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn timers_fire_in_order_of_deadline_then_of_creation() {
        let start = clock::now();
        let mut timers = Timers::default();
        let ids = [5, 3, 5, 3].map(|ms| timers.add(start + MS * ms, None));
        assert_eq!(fired(&mut timers, start + MS * 2), []);
        assert_eq!(
            fired(&mut timers, start + MS * 5),
            [ids[1], ids[3], ids[0], ids[2]]
        );
        assert!(timers.is_empty());
    }

    #[test]
    fn late_ticks_coalesce_and_the_grid_stays() {
        let start = clock::now();
        let mut timers = Timers::default();
        let id = timers.add(start + MS * 30, Some(MS * 30));
        // The handler of the first tick runs from 30 to 130: one late tick, then 150 as planned.
        assert_eq!(fired(&mut timers, start + MS * 30), [id]);
        assert_eq!(fired(&mut timers, start + MS * 130), [id]);
        assert_eq!(timers.next_due(), Some(start + MS * 150));
    }

    #[test]
    fn a_cancelled_timer_neither_fires_nor_makes_another_early() {
        let start = clock::now();
        let mut timers = Timers::default();
        let first = timers.add(start + MS, None);
        timers.add(start + MS * 9, None);
        assert!(timers.cancel(first));
        assert!(!timers.cancel(first));
        assert_eq!(timers.next_due(), Some(start + MS * 9));
        assert_eq!(fired(&mut timers, start + MS * 5), []);
    }

    #[test]
    fn stale_entries_do_not_pile_up() {
        let start = clock::now();
        let mut timers = Timers::default();
        for _ in 0..10_000 {
            let id = timers.add(start + MS, None);
            timers.cancel(id);
        }
        assert!(timers.heap.len() < 100, "{}", timers.heap.len());
    }
}
