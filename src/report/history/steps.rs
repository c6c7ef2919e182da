//! How long an interval is: short while a run is, and of one length in all of it.

/// Milliseconds, and how many intervals there may be of that length: 60 s, 1 h, 10 h, a week.
const STEPS: [(u64, u64); 4] = [
    (100, 600),
    (1_000, 3_600),
    (10_000, 3_600),
    (60_000, 10_080),
];
/// Beyond a week each is ten times as long as before.
const BEYOND: (u64, u64) = (10, 10_080);

/// The length of intervals in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step(u64);

impl Step {
    /// Of a run that begins.
    pub(super) const FIRST: Self = Self(STEPS[0].0);

    pub(super) const fn milliseconds(self) -> u64 {
        self.0
    }

    /// So many intervals of it in one.
    pub(super) const fn times(self, factor: u64) -> Self {
        Self(self.0 * factor)
    }

    /// Which interval an instant is in, in microseconds since the beginning; none if that is more than there may be.
    pub(super) fn interval(self, at: u64) -> Option<u32> {
        let interval = at / 1_000 / self.0;
        let most = STEPS.iter().find(|step| step.0 == self.0);
        let most = most.map_or(BEYOND.1, |step| step.1);
        u32::try_from(interval).ok().filter(|_| interval < most)
    }

    /// How many of these make one of the next longer ones.
    pub(super) fn factor(self) -> u64 {
        let longer = STEPS.iter().map(|step| step.0).find(|one| *one > self.0);
        longer.map_or(BEYOND.0, |longer| longer / self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_run_has_longer_intervals_and_never_more_than_a_week_of_minutes() {
        let mut step = Step::FIRST;
        let (second, minute, hour) = (1_000_000, 60_000_000, 3_600_000_000);
        for (at, wanted) in [
            (59 * second, 100),
            (minute, 1_000),
            (59 * minute, 1_000),
            (hour, 10_000),
            (10 * hour, 60_000),
            (24 * hour, 60_000),
            (8 * 24 * hour, 600_000),
            (u64::MAX, 6_000_000_000_000),
        ] {
            while step.interval(at).is_none() {
                step = step.times(step.factor());
            }
            assert_eq!(step.milliseconds(), wanted, "{at}");
        }
    }
}
