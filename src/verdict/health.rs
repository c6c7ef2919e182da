//! Whether the generator was the limit: what it used of the machine, and how late it was.
//!
//! The verdict is about shares: a number is doubtful where more than one in a hundred events or starts came
//! late, or where a thread had a core for itself for long. One long handler in a calm run is no doubt.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Later than this, a number says more about the generator than about the peer.
pub const LATE: Duration = Duration::from_millis(10);
/// A thread that uses more of a core than this, in percent, has nothing left.
pub const BUSY: f64 = 90.0;
/// A larger share of late events or starts makes a run doubtful.
const LATE_SHARE: f64 = 0.01;
/// Fewer than this may be late in a run of any length: what one long message delays is no verdict on a run.
const FEW: u64 = 10;
/// It may be that busy for so long.
const BUSY_FOR: Duration = Duration::from_secs(10);

/// How the generator was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Events, at their handlers.
    pub events: Late,
    /// Iterations that a timetable started.
    pub starts: Late,
    /// Events, at the socket: how late it was looked at.
    pub driver: Late,
    /// The longest time for which a thread had its core for itself.
    pub busy_for: Duration,
    /// The most that a thread used, in percent of a core.
    pub most_cpu: f64,
}

/// How many there were, how many were late, and by how much the latest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// All of them.
    pub all: u64,
    /// Those that were later than [`LATE`].
    pub late: u64,
    /// How late the latest was; nothing where none was late.
    pub worst: Duration,
}

impl Health {
    /// How several generators were together: the busiest core is one of one of them.
    pub fn and(self, other: Self) -> Self {
        Self {
            events: self.events.and(other.events),
            starts: self.starts.and(other.starts),
            driver: self.driver.and(other.driver),
            busy_for: self.busy_for.max(other.busy_for),
            most_cpu: self.most_cpu.max(other.most_cpu),
        }
    }

    /// Why the numbers may say more about the generator than about the target, and what helps.
    pub fn doubts(&self) -> Vec<String> {
        let events = self.events.doubt().map(|said| {
            format!(
                "events waited for the script: {said} (vu_loop_lag); handlers that take long belong into \
                 another process, or the load into several (executionSegment)"
            )
        });
        let starts = self.starts.doubt().map(|said| {
            format!("iterations started after their time: {said} (iteration_lateness); lower the rate, or make \
                     handlers shorter")
        });
        let sockets = self.driver.doubt().map(|said| {
            format!("sockets were looked at late: {said} (driver_lag); the machine is short of processor time")
        });
        let busy = (self.busy_for >= BUSY_FOR).then(|| {
            format!(
                "a thread of k6ws used more than {BUSY:.0}% of its core for {:.0} s, {:.0}% at most \
                 (generator_cpu); share the load among several processes (executionSegment)",
                self.busy_for.as_secs_f64(),
                self.most_cpu
            )
        });
        [events, starts, sockets, busy]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Late {
    fn and(self, other: Self) -> Self {
        Self {
            all: self.all.saturating_add(other.all),
            late: self.late.saturating_add(other.late),
            worst: self.worst.max(other.worst),
        }
    }

    /// How much of it was late, where that is too much.
    fn doubt(&self) -> Option<String> {
        let Self { all, late, worst } = *self;
        let part = late as f64 / (all as f64).max(1.0);
        (part > LATE_SHARE && late >= FEW).then(|| {
            format!(
                "{late} of {all} ({:.0}%) by more than {} ms, the latest by {:.0} ms",
                part * 100.0,
                LATE.as_millis(),
                worst.as_secs_f64() * 1000.0
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_late_ones_are_no_doubt_and_a_share_is() {
        let late = |all, late, worst| {
            let worst = Duration::from_millis(worst);
            Late { all, late, worst }.doubt()
        };
        assert_eq!(late(39, 9, 30), None, "too few");
        let wanted = "10 of 40 (25%) by more than 10 ms, the latest by 90 ms";
        assert_eq!(late(40, 10, 90).as_deref(), Some(wanted));
        assert_eq!(late(1040, 10, 90), None, "too small a share");
    }

    #[test]
    fn each_limit_is_named_with_what_helps() {
        assert!(Health::default().doubts().is_empty());
        let late = Late {
            all: 40,
            late: 20,
            worst: LATE * 2,
        };
        let health = Health {
            events: late,
            starts: late,
            driver: late,
            busy_for: BUSY_FOR,
            most_cpu: 99.0,
        };
        let doubts = health.doubts();
        for (doubt, metric) in doubts.iter().zip([
            "vu_loop_lag",
            "iteration_lateness",
            "driver_lag",
            "generator_cpu",
        ]) {
            assert!(doubt.contains(metric), "{doubt}");
        }
        assert_eq!(doubts.len(), 4);
    }
}
