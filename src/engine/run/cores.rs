//! What the threads of this process use of their cores; knows no run.

use std::collections::HashMap;
use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Instant;
use crate::engine::measure::Lateness;
use crate::verdict::{BUSY, Health};

/// The unit of processor times in `/proc`: `USER_HZ` is 100 wherever Linux runs Python.
const TICK: Duration = Duration::from_millis(10);

/// What the threads of this process used of their cores.
#[derive(Debug, Default)]
pub(super) struct Cores {
    sampled: Option<Instant>,
    /// Processor time by thread, at the last sample.
    used: HashMap<String, Duration>,
    /// How long the busiest thread has been busy without a break, and the longest such time.
    busy: Duration,
    pub(super) busy_for: Duration,
    /// The most that a thread used, in percent of a core.
    pub(super) most: f64,
}

impl Cores {
    /// What the busiest thread used since the last sample, in percent of a core.
    pub(super) fn sample(&mut self, now: Instant, used: HashMap<String, Duration>) -> Option<f64> {
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

/// How the generator is: how late it was, and what it used.
pub(super) fn health(lateness: &Lateness, cores: &Mutex<Cores>) -> Health {
    let cores = cores.lock().unwrap_or_else(PoisonError::into_inner);
    Health {
        events: lateness.events.read(),
        starts: lateness.starts.read(),
        driver: lateness.driver.read(),
        busy_for: cores.busy_for,
        most_cpu: cores.most,
    }
}

/// Processor time of each thread of this process; nothing where the system does not tell.
pub(super) fn used_by_threads() -> HashMap<String, Duration> {
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
    use crate::clock;

    const S: Duration = Duration::from_secs(1);

    fn used(first: Duration, second: Duration) -> HashMap<String, Duration> {
        HashMap::from([("1".into(), first), ("2".into(), second)])
    }

    #[test]
    fn the_busiest_thread_counts_and_not_their_sum() {
        let start = clock::now();
        let mut cores = Cores::default();
        assert_eq!(
            cores.sample(start, used(S, S)),
            None,
            "nothing to compare with"
        );
        let percent = cores.sample(start + S, used(S + S / 2, S + S / 4));
        assert!(
            percent.is_some_and(|one| (one - 50.0).abs() < 0.01),
            "{percent:?}"
        );
        assert_eq!(cores.busy_for, Duration::ZERO);
    }

    #[test]
    fn a_core_is_busy_only_as_long_as_there_is_no_break() {
        let start = clock::now();
        let mut cores = Cores::default();
        let (mut now, mut spent) = (start, Duration::ZERO);
        cores.sample(now, used(spent, S));
        for second in 0..20 {
            now += S;
            // It rests once, half-way.
            spent += if second == 8 { S / 2 } else { S };
            cores.sample(now, used(spent, S));
        }
        assert_eq!(cores.busy_for, S * 11);
    }

    #[test]
    fn threads_are_read_whatever_they_are_called() {
        let stat = "17 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 70 30 0 0 20 0 1 0 5";
        assert_eq!(used_ticks(stat), Some(100));
        assert_eq!(used_ticks("17 nothing"), None);
        assert!(!used_by_threads().is_empty());
    }
}
