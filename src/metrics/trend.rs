//! Trends: average, extremes and percentiles of many values in bounded memory.
//!
//! Up to [`Trend::EXACT_LIMIT`] values are kept as they are, and percentiles are k6's to the digit; beyond
//! that they fold into a histogram that is right to within 0.2 %. Count, sum, minimum and maximum are
//! always kept. Whether a trend is exact depends on its count alone, so it does not matter how values were
//! split over workers or in which order those were merged.

use std::borrow::Cow;

use super::finite::finite_sum;
use super::histogram::Histogram;

/// The distribution of one series, or of several merged.
///
/// Invariant: there is a histogram that has counted all and `values` is empty, or `values` holds all, at most
/// [`Self::EXACT_LIMIT`]. A trend with few values is exact, unless it was folded to be told (`parts`).
#[derive(Clone, Debug)]
pub struct Trend {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    values: Vec<f64>,
    folded: Option<Box<Histogram>>,
}

impl Trend {
    /// How many values are kept one by one: 80 kB, and more than a short run has.
    pub const EXACT_LIMIT: usize = 10_000;

    /// A trend without values; it holds no memory beside itself.
    pub const fn new() -> Self {
        Self {
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            values: Vec::new(),
            folded: None,
        }
    }

    /// Adds one value, which must be finite: callers refuse anything else where it enters.
    pub fn add(&mut self, value: f64) {
        debug_assert!(
            value.is_finite(),
            "a trend takes finite values, not {value}"
        );
        self.count += 1;
        self.sum = finite_sum(self.sum, value);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if let Some(histogram) = &mut self.folded {
            return histogram.add(value);
        }
        self.values.push(value);
        if self.values.len() > Self::EXACT_LIMIT {
            self.fold();
        }
    }

    /// Adds one value as often as `count` says: the same as adding it so many times.
    pub fn add_many(&mut self, value: f64, count: u32) {
        let Some(histogram) = self.folded.as_mut().filter(|_| count > 0) else {
            return (0..count).for_each(|_| self.add(value));
        };
        histogram.add_many(value, u64::from(count));
        self.count += u64::from(count);
        self.sum = finite_sum(self.sum, value * f64::from(count));
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all values of the other.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum = finite_sum(self.sum, other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        let fits = self.values.len() + other.values.len() <= Self::EXACT_LIMIT;
        if self.is_exact() && other.is_exact() && fits {
            self.values.extend_from_slice(&other.values);
            return;
        }
        let histogram = self.fold();
        match &other.folded {
            Some(theirs) => histogram.merge(theirs),
            None => other.values.iter().for_each(|&value| histogram.add(value)),
        }
    }

    /// Forgets all values. Room for exact values is kept, a histogram is not: the next values are few.
    pub fn clear(&mut self) {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        *self = Self {
            values,
            ..Self::new()
        };
    }

    /// Number of values.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Sum of all values.
    pub const fn sum(&self) -> f64 {
        self.sum
    }

    /// The smallest value; 0 without values.
    pub const fn min(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.min }
    }

    /// The largest value; 0 without values.
    pub const fn max(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.max }
    }

    /// The mean; 0 without values.
    pub fn avg(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum / self.count as f64
        }
    }

    /// The value below which `p` percent of the values lie; `p` is cut to 0..=100.
    ///
    /// As in k6: position `p · (n − 1)` in the sorted values, interpolated between its two neighbours. 0
    /// without values.
    pub fn percentile(&self, p: f64) -> f64 {
        let Some(last) = self.count.checked_sub(1) else {
            return 0.0;
        };
        let position = p.clamp(0.0, 100.0) / 100.0 * last as f64;
        let rank = position.floor();
        let share = position - rank;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 ..= last"
        )]
        let rank = rank as u64;
        if rank == 0 && share == 0.0 {
            return self.min;
        }
        if rank >= last {
            return self.max;
        }
        let (lower, upper) = match &self.folded {
            Some(histogram) => histogram.values_at(rank),
            None => neighbours(&self.values, rank),
        };
        let distance = finite_sum(upper, -lower);
        (lower + distance * share).clamp(self.min, self.max)
    }

    /// Whether percentiles are exact.
    pub const fn is_exact(&self) -> bool {
        self.folded.is_none()
    }

    /// All values, while they are kept one by one.
    pub(super) fn exact(&self) -> Option<&[f64]> {
        self.is_exact().then_some(&*self.values)
    }

    /// All values in buckets.
    pub(super) fn histogram(&self) -> Cow<'_, Histogram> {
        if let Some(histogram) = &self.folded {
            return Cow::Borrowed(histogram);
        }
        let mut histogram = Histogram::default();
        for &value in &self.values {
            histogram.add(value);
        }
        Cow::Owned(histogram)
    }

    /// One of these values, at most [`Self::EXACT_LIMIT`], whose sum was added up elsewhere.
    pub(super) fn of_values(sum: f64, values: Vec<f64>) -> Self {
        Self {
            count: values.len() as u64,
            sum,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            values,
            folded: None,
        }
    }

    /// One of values that are in buckets only.
    pub(super) fn of_histogram(
        count: u64,
        sum: f64,
        (min, max): (f64, f64),
        histogram: Histogram,
    ) -> Self {
        Self {
            count,
            sum,
            min,
            max,
            values: Vec::new(),
            folded: Some(Box::new(histogram)),
        }
    }

    /// Moves all exact values into the histogram, which exists afterwards.
    fn fold(&mut self) -> &mut Histogram {
        let histogram = self.folded.get_or_insert_default();
        for value in std::mem::take(&mut self.values) {
            histogram.add(value);
        }
        histogram
    }
}

impl Default for Trend {
    fn default() -> Self {
        Self::new()
    }
}

/// The values at `rank` and `rank + 1` of the sorted values, without sorting them.
fn neighbours(values: &[f64], rank: u64) -> (f64, f64) {
    let mut values = values.to_vec();
    let rank = usize::try_from(rank).expect("a rank below the length of a slice");
    let (_, lower, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let upper = above.iter().copied().min_by(f64::total_cmp);
    (*lower, upper.unwrap_or(*lower))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
