//! Whether the generator was the limit: what it used of the machine, and how late it was.
//!
//! The verdict is about shares: a number is doubtful where more than one in a hundred events or starts came
//! late, or where a thread had a core for itself for long. One long handler in a calm run is no doubt.

use std::collections::HashMap;
use std::fs;
use std::sync::PoisonError;
use std::time::Duration;

use super::Run;
use crate::clock::{self, Instant};
use crate::engine::measure::{LATE, Share, VuAccount, milliseconds};
use crate::engine::runtime::lag::LagMeter;
use crate::metrics::{TagSet, builtin};

/// A larger share of late events or starts makes a run doubtful.
const LATE_SHARE: f64 = 0.01;
/// Fewer than this may be late in a run of any length: what one long message delays is no verdict on a run.
const FEW: u64 = 10;
/// A thread that uses more of a core than this, in percent, has nothing left.
const BUSY: f64 = 90.0;
/// It may be that busy for so long.
const BUSY_FOR: Duration = Duration::from_secs(10);

/// The unit of processor times in `/proc`: `USER_HZ` is 100 wherever Linux runs Python.
const TICK: Duration = Duration::from_millis(10);

/// What the threads of this process used of their cores.
#[derive(Debug, Default)]
pub(super) struct Generator {
    sampled: Option<Instant>,
    /// Processor time by thread, at the last sample.
    used: HashMap<String, Duration>,
    /// How long the busiest thread has been busy without a break, and the longest such time.
    busy: Duration,
    busy_for: Duration,
    /// The most that a thread used, in percent of a core.
    most: f64,
}

impl Generator {
    /// What the busiest thread used since the last sample, in percent of a core.
    fn sample(&mut self, now: Instant, used: HashMap<String, Duration>) -> Option<f64> {
        let before = std::mem::replace(&mut self.used, used);
        let since = now.saturating_duration_since(self.sampled.replace(now)?);
        if since.is_zero() {
            return None;
        }
        let spent = self.used.iter().map(|(thread, used)| {
            let before = before.get(thread).copied().unwrap_or_default();
            used.saturating_sub(before)
        });
        let percent = 100.0 * spent.max()?.as_secs_f64() / since.as_secs_f64();
        // The clock of a processor and ours are read one after the other.
        let percent = percent.min(100.0);
        self.busy = if percent > BUSY {
            self.busy + since
        } else {
            Duration::ZERO
        };
        self.busy_for = self.busy_for.max(self.busy);
        self.most = self.most.max(percent);
        Some(percent)
    }
}

impl Run {
    /// Where it is recorded how long events wait.
    pub(super) fn lag_meter(&self) -> LagMeter {
        let mut catalog = self.metrics().catalog();
        LagMeter {
            lag: catalog.series(builtin::VU_LOOP_LAG, &self.tags),
            driver: catalog.series(builtin::DRIVER_LAG, &self.tags),
            lateness: self.metrics().lateness().clone(),
        }
    }

    /// An iteration of a timetable began this long after its time.
    pub(super) fn started_late_by(&self, late: Duration, vu: &VuAccount, tags: &TagSet) {
        let metric = builtin::ITERATION_LATENESS;
        self.metrics()
            .record_of(vu, metric, tags, milliseconds(late));
        self.metrics().lateness().starts.add(late, 1);
    }

    /// Records what the busiest thread uses of its core.
    pub(super) fn sample_generator(&self) {
        let mut generator = self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let percent = generator.sample(clock::now(), used_by_threads());
        drop(generator);
        if let Some(percent) = percent {
            self.metrics()
                .record(builtin::GENERATOR_CPU, &self.tags, percent);
        }
    }

    /// Why the numbers may say more about this process than about the target, and what helps.
    pub(super) fn doubts(&self) -> Vec<String> {
        let lateness = self.metrics().lateness();
        let events = late(&lateness.events).map(|said| {
            format!(
                "events waited for the script: {said} (vu_loop_lag); handlers that take long belong into \
                 another process, or the load into several (executionSegment)"
            )
        });
        let starts = late(&lateness.starts).map(|said| {
            format!("iterations started after their time: {said} (iteration_lateness); lower the rate, or make \
                     handlers shorter")
        });
        let sockets = late(&lateness.driver).map(|said| {
            format!("sockets were looked at late: {said} (driver_lag); the machine is short of processor time")
        });
        let generator = self
            .generator
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let busy = (generator.busy_for >= BUSY_FOR).then(|| {
            format!(
                "a thread of k6ws used more than {BUSY:.0}% of its core for {:.0} s, {:.0}% at most \
                 (generator_cpu); share the load among several processes (executionSegment)",
                generator.busy_for.as_secs_f64(),
                generator.most
            )
        });
        [events, starts, sockets, busy]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// How much of it was late, where that is too much.
fn late(share: &Share) -> Option<String> {
    let (all, late) = (share.all(), share.late());
    let part = late as f64 / (all as f64).max(1.0);
    (part > LATE_SHARE && late >= FEW).then(|| {
        format!(
            "{late} of {all} ({:.0}%) by more than {} ms, the latest by {:.0} ms",
            part * 100.0,
            LATE.as_millis(),
            milliseconds(share.worst())
        )
    })
}

/// Processor time of each thread of this process; nothing where the system does not tell.
fn used_by_threads() -> HashMap<String, Duration> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
        return HashMap::new();
    };
    let used = |entry: fs::DirEntry| {
        // One may end while we look.
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let used = TICK.saturating_mul(u32::try_from(used_ticks(&stat)?).unwrap_or(u32::MAX));
        Some((entry.file_name().to_string_lossy().into_owned(), used))
    };
    threads.flatten().filter_map(used).collect()
}

/// User and system time in a line of `/proc/…/stat`. The name of the thread may hold anything.
fn used_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn used(first: Duration, second: Duration) -> HashMap<String, Duration> {
        HashMap::from([("1".into(), first), ("2".into(), second)])
    }

    #[test]
    fn the_busiest_thread_counts_and_not_their_sum() {
        let start = clock::now();
        let mut generator = Generator::default();
        assert_eq!(
            generator.sample(start, used(S, S)),
            None,
            "nothing to compare with"
        );
        let percent = generator.sample(start + S, used(S + S / 2, S + S / 4));
        assert!(
            percent.is_some_and(|one| (one - 50.0).abs() < 0.01),
            "{percent:?}"
        );
        assert_eq!(generator.busy_for, Duration::ZERO);
    }

    #[test]
    fn a_core_is_busy_only_as_long_as_there_is_no_break() {
        let start = clock::now();
        let mut generator = Generator::default();
        let (mut now, mut spent) = (start, Duration::ZERO);
        generator.sample(now, used(spent, S));
        for second in 0..20 {
            now += S;
            // It rests once, half-way.
            spent += if second == 8 { S / 2 } else { S };
            generator.sample(now, used(spent, S));
        }
        assert_eq!(generator.busy_for, S * 11);
    }

    #[test]
    fn a_few_late_ones_are_no_doubt_and_a_share_is() {
        let share = Share::default();
        share.add(Duration::from_millis(3), 30);
        share.add(Duration::from_millis(30), 9);
        assert_eq!(late(&share), None, "too few");
        share.add(Duration::from_millis(90), 1);
        let said = late(&share);
        let wanted = "10 of 40 (25%) by more than 10 ms, the latest by 90 ms";
        assert_eq!(said.as_deref(), Some(wanted));
        share.add(LATE, 1000);
        assert_eq!(late(&share), None, "too small a share");
    }

    #[test]
    fn threads_are_read_whatever_they_are_called() {
        let stat = "17 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 70 30 0 0 20 0 1 0 5";
        assert_eq!(used_ticks(stat), Some(100));
        assert_eq!(used_ticks("17 nothing"), None);
        assert!(!used_by_threads().is_empty());
    }
}
