//! `ramping-arrival-rate`: the rate of starts follows straight lines from stage to stage.
//!
//! The n-th start is due when the area under the rate has reached n, counted from one: with a rate that grows
//! from nothing the first start is late. Each is computed from n and the beginning of its stage, so rounding
//! never accumulates. Areas are whole numbers: twice the area times the time unit is, for a stage,
//! `(from + to) × duration`.

use std::time::Duration;

use super::arrival_rate::Timetable;
use super::offset::nanos;
use crate::options::Stage;

/// Starts at distances that follow a rate.
#[derive(Debug)]
pub(super) struct RampingRate {
    slopes: Vec<Slope>,
    /// Twice the time unit: the area of one start.
    area_of_one: u128,
    starts: u64,
}

/// A stage that takes time. Rates are per time unit, times in nanoseconds.
#[derive(Debug)]
struct Slope {
    begins: u128,
    duration: u128,
    from: u128,
    to: u128,
    /// Of all stages before it.
    area_before: u128,
}

impl RampingRate {
    /// From `start_rate` through the stages; rates are starts in each `time_unit`.
    pub(super) fn new(start_rate: u64, time_unit: Duration, stages: &[Stage]) -> Self {
        let mut slopes = Vec::with_capacity(stages.len());
        let (mut begins, mut from, mut area_before) = (0, u128::from(start_rate), 0);
        for stage in stages {
            let (duration, to) = (stage.duration.as_nanos(), u128::from(stage.target));
            if duration > 0 {
                slopes.push(Slope {
                    begins,
                    duration,
                    from,
                    to,
                    area_before,
                });
            }
            begins += duration;
            area_before += (from + to) * duration;
            from = to;
        }
        let area_of_one = 2 * time_unit.as_nanos();
        Self {
            slopes,
            area_of_one,
            starts: u64::try_from(area_before / area_of_one).unwrap_or(u64::MAX),
        }
    }
}

impl Timetable for RampingRate {
    fn starts(&self) -> u64 {
        self.starts
    }

    fn nth(&self, n: u64) -> Duration {
        let area = (u128::from(n) + 1) * self.area_of_one;
        let position = self
            .slopes
            .partition_point(|slope| slope.area_after() < area);
        let slope = self.slopes.get(position);
        slope.map_or(Duration::MAX, |slope| {
            nanos(slope.begins + slope.reaches(area - slope.area_before))
        })
    }

    fn rate(&self, at: Duration) -> f64 {
        let at = at.as_nanos();
        let begun = self.slopes.partition_point(|slope| slope.begins <= at);
        let Some(slope) = begun.checked_sub(1).map(|last| &self.slopes[last]) else {
            return 0.0;
        };
        let done = (at - slope.begins).min(slope.duration) as f64 / slope.duration as f64;
        let (from, to) = (slope.from as f64, slope.to as f64);
        (from + (to - from) * done) * 2.0 * NANOS_PER_SECOND / self.area_of_one as f64
    }
}

impl Slope {
    fn area_after(&self) -> u128 {
        self.area_before + (self.from + self.to) * self.duration
    }

    /// The first nanosecond at which the area within this stage is `area`, which is more than nothing.
    fn reaches(&self, area: u128) -> u128 {
        let mut at = self.estimate(area);
        // The estimate is right to some 15 digits; the last nanosecond is settled in whole numbers.
        while at < self.duration && self.has_reached(at, area) == Some(false) {
            at += 1;
        }
        while at > 0 && self.has_reached(at - 1, area) == Some(true) {
            at -= 1;
        }
        at
    }

    /// Whether the area is at least this after a time. None if the numbers are too large to say.
    fn has_reached(&self, at: u128, area: u128) -> Option<bool> {
        // 2·from·t + (to − from)·t²/d ≥ area, without the fraction and without negative numbers.
        let straight = (2 * self.from)
            .checked_mul(at)?
            .checked_mul(self.duration)?;
        let bend = self
            .from
            .abs_diff(self.to)
            .checked_mul(at)?
            .checked_mul(at)?;
        let wanted = area.checked_mul(self.duration)?;
        Some(if self.to >= self.from {
            straight.checked_add(bend)? >= wanted
        } else {
            straight >= wanted.checked_add(bend)?
        })
    }

    /// About when: the root of a parabola, taken from the slower end so that nothing cancels out.
    fn estimate(&self, area: u128) -> u128 {
        let duration = self.duration as f64;
        let root = |slow: u128, fast: u128, area: u128| {
            let (slow, fast, area) = (slow as f64, fast as f64, area as f64);
            let at = area / (slow + (slow * slow + (fast - slow) * area / duration).sqrt());
            at.clamp(0.0, duration)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the duration, and a missing fraction is settled by the caller"
        )]
        if self.to >= self.from {
            root(self.from, self.to, area) as u128
        } else {
            let whole = (self.from + self.to) * self.duration;
            let left = root(self.to, self.from, whole.saturating_sub(area)) as u128;
            self.duration.saturating_sub(left)
        }
    }
}

const NANOS_PER_SECOND: f64 = 1e9;
