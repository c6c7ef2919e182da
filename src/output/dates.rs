//! When a sample happened, by the wall clock.
//!
//! Samples carry monotonic instants. They are dated from one reading of both clocks, so that dates keep the
//! order and the distances of what happened; when the wall clock is set meanwhile, later dates follow it.

use std::time::Duration;

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use super::number::push_whole;
use crate::clock::{self, Instant};

/// Turns instants into time since 1970.
#[derive(Debug)]
pub(super) struct Dates {
    instant: Instant,
    date: Duration,
}

impl Dates {
    /// Dates by the clocks as they are now.
    pub(super) fn new() -> Self {
        Self {
            instant: clock::now(),
            date: clock::since_1970(),
        }
    }

    /// Looks at the clocks again. Call now and then.
    pub(super) fn look(&mut self) {
        self.follow(clock::now(), clock::since_1970());
    }

    fn follow(&mut self, instant: Instant, date: Duration) {
        if self.date(instant).abs_diff(date) > DRIFT {
            *self = Self { instant, date };
        }
    }

    /// The date of an instant.
    pub(super) fn date(&self, instant: Instant) -> Duration {
        match instant.checked_duration_since(self.instant) {
            Some(after) => self.date + after,
            None => self.date.saturating_sub(self.instant - instant),
        }
    }
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFormat {
    Unix,
    UnixMilli,
    UnixMicro,
    UnixNano,
    Rfc3339,
    Rfc3339Nano,
}

impl TimeFormat {
    /// All of them, by k6's names.
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("unix", Self::Unix),
        ("unix_milli", Self::UnixMilli),
        ("unix_micro", Self::UnixMicro),
        ("unix_nano", Self::UnixNano),
        ("rfc3339", Self::Rfc3339),
        ("rfc3339_nano", Self::Rfc3339Nano),
    ];

    /// Appends a date.
    pub(super) fn push(self, buffer: &mut Vec<u8>, date: Duration) {
        match self {
            Self::Unix => push_whole(buffer, date.as_secs(), 1),
            Self::UnixMilli => push_whole(buffer, fitting(date.as_millis()), 1),
            Self::UnixMicro => push_whole(buffer, fitting(date.as_micros()), 1),
            Self::UnixNano => push_whole(buffer, fitting(date.as_nanos()), 1),
            Self::Rfc3339 => push_rfc3339(buffer, Duration::from_secs(date.as_secs())),
            Self::Rfc3339Nano => push_rfc3339(buffer, date),
        }
    }
}

/// Nanoseconds fit until the year 2554.
fn fitting(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// `2026-11-20T09:30:00.25Z`: always UTC; a fraction has no zeros at its end, and whole seconds have none.
fn push_rfc3339(buffer: &mut Vec<u8>, date: Duration) {
    let date =
        UtcDateTime::UNIX_EPOCH.saturating_add(date.try_into().unwrap_or(time::Duration::MAX));
    // Memory takes everything, and years have four digits until 9999.
    let _ = date.format_into(buffer, &Rfc3339);
}

/// The clocks may differ by so much before the wall clock counts as set.
const DRIFT: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: TimeFormat, date: Duration) -> String {
        let mut buffer = Vec::new();
        format.push(&mut buffer, date);
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn dates_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_735_689_600, "2025-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            let date = Duration::from_secs(seconds);
            assert_eq!(written(TimeFormat::Rfc3339, date), text);
            assert_eq!(written(TimeFormat::Rfc3339Nano, date), text);
        }
    }

    #[test]
    fn every_format_says_as_much_as_its_name() {
        let date = Duration::new(1_735_689_600, 25_000_100);
        let texts = TimeFormat::ALL.map(|(_, format)| written(format, date));
        assert_eq!(
            texts,
            [
                "1735689600",
                "1735689600025",
                "1735689600025000",
                "1735689600025000100",
                "2025-01-01T00:00:00Z",
                "2025-01-01T00:00:00.0250001Z",
            ]
        );
    }

    #[test]
    fn dates_keep_their_distances_until_the_wall_clock_is_set() {
        let instant = clock::now();
        let date = Duration::from_secs(1_000);
        let mut dates = Dates { instant, date };
        let second = Duration::from_secs(1);
        let later = instant + second;
        dates.follow(later, date + second + DRIFT);
        assert_eq!(dates.date(later), date + second);
        assert_eq!(dates.date(instant), date);
        let set = date + Duration::from_secs(3600);
        dates.follow(later, set);
        assert_eq!(dates.date(later), set);
        assert_eq!(dates.date(instant) + second, set);
    }
}
