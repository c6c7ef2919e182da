//! A base-2 exponential histogram of scale 8, as OpenTelemetry defines it.
//!
//! What a [`Trend`](super::Trend) becomes when it is too long to keep value by value. Bucket bounds are
//! powers of 2^(1/256), so a bucket says its values to within 0.14 %, and merging two histograms is adding
//! counts. Knows no sum, minimum or maximum: the trend keeps those exactly.

/// Counts of values by size.
///
/// Invariant: what was added is counted in exactly one of the three parts, by its sign.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    negative: Buckets,
    /// Zeros, and magnitudes below 2^-1022, which no clock or counter of ours can yield.
    zeros: u64,
    positive: Buckets,
}

impl Histogram {
    /// Counts one value.
    pub(super) fn add(&mut self, value: f64) {
        self.add_many(value, 1);
    }

    /// Counts a value as often as `count` says.
    #[inline]
    pub(super) fn add_many(&mut self, value: f64, count: u64) {
        if value.abs() < f64::MIN_POSITIVE {
            self.zeros += count;
        } else if value > 0.0 {
            self.positive.add(bucket_of(value), count);
        } else {
            self.negative.add(bucket_of(-value), count);
        }
    }

    /// Counts everything that the other has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.negative.merge(&other.negative);
        self.zeros += other.zeros;
        self.positive.merge(&other.positive);
    }

    /// Each bucket in use with its count, in ascending order of magnitude: of negative values, the zeros, of positive
    /// ones.
    pub(super) fn counts(
        &self,
    ) -> (
        impl Iterator<Item = (usize, u64)>,
        u64,
        impl Iterator<Item = (usize, u64)>,
    ) {
        (self.negative.iter(), self.zeros, self.positive.iter())
    }

    /// One with these counts, and how many they are together; none where there are no such buckets.
    pub(super) fn of(
        negative: &[(usize, u64)],
        zeros: u64,
        positive: &[(usize, u64)],
    ) -> Option<(Self, u64)> {
        let is_rising = |all: &[(usize, u64)]| all.is_sorted_by(|one, next| one.0 < next.0);
        let mut all = negative.iter().chain(positive);
        let is_possible = is_rising(negative)
            && is_rising(positive)
            && all.all(|&(bucket, count)| bucket < BUCKETS && count > 0);
        if !is_possible {
            return None;
        }
        let mut histogram = Self {
            zeros,
            ..Self::default()
        };
        let mut sum = zeros;
        for (buckets, counts) in [
            (&mut histogram.negative, negative),
            (&mut histogram.positive, positive),
        ] {
            for &(bucket, count) in counts {
                buckets.add(bucket, count);
                sum = sum.checked_add(count)?;
            }
        }
        Some((histogram, sum))
    }

    /// The values at `rank` and `rank + 1` (from 0, in ascending order), each to within 0.14 %.
    ///
    /// Beyond the last value the last is repeated; an empty histogram gives zeros.
    pub(super) fn values_at(&self, rank: u64) -> (f64, f64) {
        let mut counted = 0;
        let mut last = 0.0;
        let mut lower = None;
        for (value, count) in self.ascending() {
            counted += count;
            last = value;
            if lower.is_none() && rank < counted {
                lower = Some(value);
            }
            if let Some(lower) = lower.filter(|_| rank + 1 < counted) {
                return (lower, value);
            }
        }
        (lower.unwrap_or(last), last)
    }

    /// One value per bucket in use, with its count, from the smallest value to the largest.
    fn ascending(&self) -> impl Iterator<Item = (f64, u64)> {
        let negative = self
            .negative
            .iter()
            .rev()
            .map(|(bucket, n)| (-middle_of(bucket), n));
        let zeros = (self.zeros > 0).then_some((0.0, self.zeros));
        let positive = self
            .positive
            .iter()
            .map(|(bucket, n)| (middle_of(bucket), n));
        negative.chain(zeros).chain(positive)
    }
}

/// Counts by bucket, in pages that exist only where something was counted.
///
/// A latency distribution covers a few octaves of the 2,046 that a float has: a page is a quarter of an
/// octave (512 bytes) and the list of pages spans from the first in use to the last.
#[derive(Clone, Debug, Default)]
struct Buckets {
    first_page: usize,
    pages: Vec<Option<Box<Page>>>,
}

type Page = [u64; PAGE_LEN];

impl Buckets {
    fn add(&mut self, bucket: usize, count: u64) {
        self.page_mut(bucket / PAGE_LEN)[bucket % PAGE_LEN] += count;
    }

    fn merge(&mut self, other: &Self) {
        for (number, page) in other.pages_in_use() {
            for (mine, theirs) in self.page_mut(number).iter_mut().zip(page) {
                *mine += theirs;
            }
        }
    }

    fn page_mut(&mut self, number: usize) -> &mut Page {
        if self.pages.is_empty() {
            self.first_page = number;
        }
        if number < self.first_page {
            let missing = self.first_page - number;
            self.pages.splice(..0, std::iter::repeat_n(None, missing));
            self.first_page = number;
        }
        let at = number - self.first_page;
        if at >= self.pages.len() {
            self.pages.resize(at + 1, None);
        }
        self.pages[at].get_or_insert_with(|| Box::new([0; PAGE_LEN]))
    }

    fn pages_in_use(&self) -> impl DoubleEndedIterator<Item = (usize, &Page)> {
        let numbered = self.pages.iter().enumerate();
        numbered.filter_map(|(at, page)| Some((self.first_page + at, &**page.as_ref()?)))
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, u64)> {
        self.pages_in_use()
            .flat_map(|(number, page)| {
                page.iter()
                    .enumerate()
                    .map(move |(at, n)| (number * PAGE_LEN + at, *n))
            })
            .filter(|(_, n)| *n > 0)
    }
}

/// The bucket of a magnitude: `256 · log2(value)`, rounded up, less one, counted from [`ORIGIN`].
///
/// The exponent is read off the bits; a logarithm is taken only of the fraction, so that powers of two
/// fall exactly on their bound. It costs about 5 ns.
fn bucket_of(magnitude: f64) -> usize {
    let bits = magnitude.to_bits();
    let octave = usize::try_from(bits >> FRACTION_BITS).expect("the sign bit of a magnitude is 0");
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    if fraction == 0 {
        return octave * PER_OCTAVE - 1;
    }
    let significand = f64::from_bits(ONE | fraction);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is in 0..=256"
    )]
    let step = (significand.log2() * PER_OCTAVE as f64) as usize;
    octave * PER_OCTAVE + step.min(PER_OCTAVE - 1)
}

/// The value in a bucket that is off by the same share from both its bounds.
fn middle_of(bucket: usize) -> f64 {
    ((bucket as f64 - ORIGIN as f64) / PER_OCTAVE as f64).exp2() * MIDDLE
}

/// Buckets per doubling: two to the power of the scale.
const PER_OCTAVE: usize = 1 << 8;

/// Number of OpenTelemetry's bucket 0, which begins at 1.0: ours count from 0, for the smallest octave.
const ORIGIN: usize = 1_023 * PER_OCTAVE;

/// `2·b / (1 + b)` for `b = 2^(1/256)`: from the lower bound of a bucket to its middle.
const MIDDLE: f64 = 1.001_353_802_259_956;

const PAGE_LEN: usize = 64;

/// All buckets of finite numbers.
pub(super) const BUCKETS: usize = 2_047 * PER_OCTAVE;

const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// The bits of 1.0, on which a fraction is set to make a number in 1..2.
const ONE: u64 = 1_023 << FRACTION_BITS;

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(bucket: usize) -> (f64, f64) {
        let bound = |n: usize| ((n as f64 - ORIGIN as f64) / 256.0).exp2();
        (bound(bucket), bound(bucket + 1))
    }

    #[test]
    fn a_bucket_excludes_its_lower_bound_and_includes_its_upper_one() {
        assert_eq!(bucket_of(1.0), ORIGIN - 1);
        assert_eq!(bucket_of(1.0_f64.next_up()), ORIGIN);
        assert_eq!(bucket_of(2.0), ORIGIN + 255);
        assert_eq!(bucket_of(2.0_f64.next_down()), ORIGIN + 255);
        assert_eq!(bucket_of(0.25), ORIGIN - 513);
        let mut value = 1e-9;
        while value < 1e12 {
            let (lower, upper) = bounds(bucket_of(value));
            assert!(
                lower * (1.0 - 1e-12) < value && value <= upper * (1.0 + 1e-12),
                "{value}"
            );
            value *= 1.000_7;
        }
    }

    #[test]
    fn every_finite_number_has_a_bucket_that_says_it_within_the_bound() {
        for value in [f64::MIN_POSITIVE, 1e-300, 0.1, 1.0, 3.0, 1e300, f64::MAX] {
            let error = (middle_of(bucket_of(value)) / value - 1.0).abs();
            assert!(error < 0.0014, "{value}: {error}");
        }
    }

    #[test]
    fn values_come_in_ascending_order_across_zero() {
        let mut histogram = Histogram::default();
        for value in [5.0, -1.0, 0.0, -300.0, 5.0, 1e-310] {
            histogram.add(value);
        }
        let counted: Vec<_> = histogram.ascending().collect();
        let counts: Vec<_> = counted.iter().map(|(_, n)| *n).collect();
        assert_eq!(counts, [1, 1, 2, 2]);
        assert!(counted.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(histogram.values_at(2), (0.0, 0.0));
        assert_eq!(histogram.values_at(3).0.to_bits(), 0.0_f64.to_bits());
        assert!((histogram.values_at(3).1 - 5.0).abs() < 0.01);
        assert_eq!(histogram.values_at(5), histogram.values_at(9));
    }

    #[test]
    fn pages_exist_only_where_something_was_counted() {
        let mut buckets = Buckets::default();
        buckets.add(bucket_of(1e6), 1);
        buckets.add(bucket_of(1e-6), 1);
        buckets.add(bucket_of(1e6), 1);
        assert_eq!(buckets.pages_in_use().count(), 2);
        assert_eq!(
            buckets.iter().collect::<Vec<_>>(),
            [(bucket_of(1e-6), 1), (bucket_of(1e6), 2)]
        );
    }
}
