//! `constant-arrival-rate`: a start every `timeUnit / rate`, the first at once.
//!
//! The n-th start is computed from n, so rounding never accumulates. A start can fall exactly on the end:
//! 10 per second for two seconds are 21 starts.

use std::time::Duration;

use super::arrival_rate::Timetable;
use super::offset::nanos;

/// Starts at equal distances.
#[derive(Debug)]
pub(super) struct ConstantRate {
    rate: u64,
    time_unit: Duration,
    starts: u64,
}

impl ConstantRate {
    /// `rate` starts in each `time_unit`.
    pub(super) fn new(rate: u64, time_unit: Duration, duration: Duration) -> Self {
        let after_the_first = duration.as_nanos() * u128::from(rate) / time_unit.as_nanos();
        Self {
            rate,
            time_unit,
            starts: u64::try_from(after_the_first).map_or(u64::MAX, |starts| starts + 1),
        }
    }
}

impl Timetable for ConstantRate {
    fn starts(&self) -> u64 {
        self.starts
    }

    fn nth(&self, n: u64) -> Duration {
        nanos((u128::from(n) * self.time_unit.as_nanos()).div_ceil(self.rate.into()))
    }

    fn rate(&self, _: Duration) -> f64 {
        self.rate as f64 / self.time_unit.as_secs_f64()
    }
}
