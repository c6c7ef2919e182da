//! How much of what a run did came late: what its verdict is about.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::verdict::{LATE, Late};

/// What came, and what of it came late.
#[derive(Debug, Default)]
pub struct Lateness {
    /// Events, at their handlers.
    pub events: Share,
    /// Events, at the socket: how late it was looked at.
    pub driver: Share,
    /// Iterations that a timetable started.
    pub starts: Share,
}

/// How many there were, how many were late, and by how much the latest.
#[derive(Debug, Default)]
pub struct Share {
    all: AtomicU64,
    late: AtomicU64,
    worst: AtomicU64,
}

impl Share {
    /// So many more, each as late as this.
    pub fn add(&self, waited: Duration, count: u32) {
        self.all.fetch_add(u64::from(count), Ordering::Relaxed);
        if waited > LATE && count > 0 {
            self.late.fetch_add(u64::from(count), Ordering::Relaxed);
            let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
            self.worst.fetch_max(micros, Ordering::Relaxed);
        }
    }

    /// What there was so far.
    pub fn read(&self) -> Late {
        Late {
            all: self.all.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
            worst: Duration::from_micros(self.worst.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_by_the_limit_is_not_late() {
        let share = Share::default();
        share.add(LATE, 1000);
        share.add(LATE * 2, 3);
        share.add(LATE * 9, 0);
        let (all, late, worst) = (1003, 3, LATE * 2);
        assert_eq!(share.read(), Late { all, late, worst });
    }
}
