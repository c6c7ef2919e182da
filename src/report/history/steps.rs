//! How long an interval is: short while a run is, and of one length in all of it.
//!
//! A run is mostly somewhat longer than what its options say: there is a setup before it, and iterations that end in
//! peace. So each length does for a tenth more than what it is for.

/// Milliseconds, and how many intervals there may be of that length: those of 60 s, 1 h, 10 h, a week, and a tenth more.
const STEPS: [(u64, u64); 4] = [
    (100, 660),
    (1_000, 3_960),
    (10_000, 3_960),
    (60_000, 11_088),
];
/// Beyond that each is ten times as long as before.
const BEYOND: (u64, u64) = (10, 11_088);

/// The length of intervals in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step(u64);

impl Step {
    /// Of a run that begins.
    pub(super) const FIRST: Self = Self(STEPS[0].0);

    /// Of a run that lasts so many microseconds.
    pub(super) fn of(until: u64) -> Self {
        let mut step = Self::FIRST;
        while step.interval(until).is_none() {
            step = step.times(step.factor());
        }
        step
    }

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
    use crate::report::snapshot::Cadence;

    #[test]
    fn as_long_as_intervals_are_short_pieces_are_as_short() {
        let short = u64::try_from(Cadence::SHORT.as_millis()).unwrap();
        let until = u64::try_from(Cadence::SHORT_UP_TO.as_millis()).unwrap();
        assert_eq!(STEPS[0], (short, until / short));
    }

    #[test]
    fn a_longer_run_has_longer_intervals_and_a_little_more_changes_nothing() {
        let (second, minute, hour) = (1_000_000, 60_000_000, 3_600_000_000);
        for (at, wanted) in [
            (minute + 5 * second, 100),
            (minute + 6 * second, 1_000),
            (hour + 5 * minute, 1_000),
            (hour + 6 * minute, 10_000),
            (10 * hour + 30 * minute, 10_000),
            (11 * hour, 60_000),
            (24 * hour, 60_000),
            (8 * 24 * hour, 600_000),
            (u64::MAX, 6_000_000_000_000),
        ] {
            assert_eq!(Step::of(at).milliseconds(), wanted, "{at}");
        }
    }
}
