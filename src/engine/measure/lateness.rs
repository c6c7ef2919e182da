//! How much of what a run did came late: what its verdict is about.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Later than this, a number says more about the generator than about the peer.
pub const LATE: Duration = Duration::from_millis(10);

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

    /// All of them.
    pub fn all(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }

    /// Those that were late.
    pub fn late(&self) -> u64 {
        self.late.load(Ordering::Relaxed)
    }

    /// How late the latest was; nothing where none was late.
    pub fn worst(&self) -> Duration {
        Duration::from_micros(self.worst.load(Ordering::Relaxed))
    }
}
