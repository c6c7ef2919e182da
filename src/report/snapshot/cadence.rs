//! How often a run is told, and how long the stretches of time are that its numbers are known for.
//!
//! Both keep to multiples of their length since the opening, however late each is: else stretches would drift across
//! the intervals that they are counted in, and one would be told nothing and the next one twice as much.

use std::time::Duration;

/// When numbers are collected, and when they are told; all times are since the opening.
#[derive(Debug)]
pub struct Cadence {
    step: Duration,
    /// When it is told next.
    next: Duration,
}

impl Cadence {
    /// How often it is told.
    pub const SECOND: Duration = Duration::from_secs(1);
    /// How long stretches are in a short run.
    pub const SHORT: Duration = Duration::from_millis(100);
    /// A run is short so long: a minute, and a tenth of one for what lies before it and behind. From then on stretches
    /// are as long as a second, and whoever keeps them makes them longer.
    pub const SHORT_UP_TO: Duration = Duration::from_secs(66);

    /// Of a run that begins.
    pub const fn new() -> Self {
        Self {
            step: Self::SHORT,
            next: Self::SECOND,
        }
    }

    /// How long to wait until numbers are collected next.
    pub fn wait(&self, now: Duration) -> Duration {
        multiple_behind(now + TOLERANCE, self.step).saturating_sub(now)
    }

    /// Whether what was collected is to be told now.
    pub fn is_due(&mut self, now: Duration) -> bool {
        if now + TOLERANCE < self.next {
            return false;
        }
        if self.next >= Self::SHORT_UP_TO {
            self.step = Self::SECOND;
        }
        self.next = multiple_behind(now + TOLERANCE, Self::SECOND);
        true
    }
}

impl Default for Cadence {
    fn default() -> Self {
        Self::new()
    }
}

/// The first multiple of `step` that is later.
fn multiple_behind(time: Duration, step: Duration) -> Duration {
    let steps = time.as_nanos() / step.as_nanos() + 1;
    step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
}

/// What is no more too early than this is on time.
const TOLERANCE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    /// When it is collected and when it is told in so many seconds, if each wait lasts longer by what this says.
    fn followed(seconds: u64, late: impl Fn(usize) -> i64) -> (Vec<Duration>, Vec<Duration>) {
        let mut cadence = Cadence::new();
        let (mut collected, mut told) = (Vec::new(), Vec::new());
        let mut now = Duration::ZERO;
        while now + TOLERANCE < Duration::from_secs(seconds) {
            let wait =
                i64::try_from(cadence.wait(now).as_micros()).unwrap() + late(collected.len());
            now += Duration::from_micros(u64::try_from(wait).unwrap());
            collected.push(now);
            if cadence.is_due(now) {
                told.push(now);
            }
        }
        (collected, told)
    }

    #[test]
    fn it_is_told_every_second_however_early_or_late_each_tick_is() {
        let lateness: [fn(usize) -> i64; 4] = [
            |_| 0,
            |_| -300,
            |_| 1_300,
            |tick| if tick.is_multiple_of(2) { -400 } else { 30_000 },
        ];
        for late in lateness {
            let (_, told) = followed(200, late);
            assert_eq!(told.len(), 200);
            for (second, at) in (1..).map(Duration::from_secs).zip(told) {
                assert!(at.abs_diff(second) <= TOLERANCE, "{at:?}");
            }
        }
    }

    #[test]
    fn stretches_are_short_for_a_minute_and_a_tenth_and_a_second_long_from_then_on() {
        let (collected, _) = followed(75, |_| 700);
        let times = (1..=660).map(|tick| Cadence::SHORT * tick);
        let times = times.chain((67..=75).map(|second| Cadence::SECOND * second));
        let late = Duration::from_micros(700);
        assert_eq!(collected, times.map(|at| at + late).collect::<Vec<_>>());
    }

    #[test]
    fn behind_a_pause_it_is_told_at_once_and_then_on_time() {
        let pause = |tick| if tick == 680 { 3_400_000 } else { 0 };
        let (_, told) = followed(100, pause);
        let gaps: Vec<_> = told.windows(2).map(|two| two[1].abs_diff(two[0])).collect();
        let odd: Vec<_> = gaps.iter().filter(|gap| **gap != Cadence::SECOND).collect();
        assert_eq!(
            odd,
            [&Duration::from_millis(4_400), &Duration::from_millis(600)]
        );
    }
}
