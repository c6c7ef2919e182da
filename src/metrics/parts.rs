//! A sink as plain parts: what is written of it and read again, with nothing lost.
//!
//! What is read was written by somebody: parts that no sink can have are refused, so that none of the invariants of
//! a [`Sink`] depends on a file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::bounded::bounded;
use super::histogram::{BUCKETS, Histogram};
use super::{Kind, Sink, Trend};

/// The parts of a sink that is not empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SinkParts<'a> {
    /// A sum.
    Counter {
        /// Sum of all values.
        sum: f64,
        /// Number of values.
        samples: u64,
    },
    /// The last value and its extremes.
    Gauge {
        /// The last value.
        value: f64,
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
        /// Number of values.
        samples: u64,
    },
    /// A share.
    Rate {
        /// Values that were not zero.
        passes: u64,
        /// All values.
        total: u64,
    },
    /// A distribution, value by value.
    Values {
        /// Their sum as it was added up.
        sum: f64,
        /// All of them.
        values: Cow<'a, [f64]>,
    },
    /// A distribution in buckets.
    Buckets {
        /// Sum of all values.
        sum: f64,
        /// The smallest value.
        min: f64,
        /// The largest value.
        max: f64,
        /// How many zeros.
        zeros: u64,
        /// Of negative values: each bucket in use, as the distance from the one before it, with its count.
        #[serde(deserialize_with = "bounded::<BUCKETS, _, _>")]
        negative: Vec<(u32, u64)>,
        /// Of positive values.
        #[serde(deserialize_with = "bounded::<BUCKETS, _, _>")]
        positive: Vec<(u32, u64)>,
    },
}

/// What was read is no sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("impossible figures of a {}: {what}", kind.as_str())]
pub struct ImpossibleParts {
    kind: Kind,
    what: &'static str,
}

impl Sink {
    /// What it is made of; a trend in buckets if `is_folded`, whether it is exact or not.
    pub fn parts(&self, is_folded: bool) -> SinkParts<'_> {
        match self {
            Self::Counter { sum, samples } => SinkParts::Counter {
                sum: *sum,
                samples: *samples,
            },
            Self::Gauge {
                value,
                min,
                max,
                samples,
            } => SinkParts::Gauge {
                value: *value,
                min: *min,
                max: *max,
                samples: *samples,
            },
            Self::Rate { passes, total } => SinkParts::Rate {
                passes: *passes,
                total: *total,
            },
            Self::Trend(trend) => match trend.exact() {
                Some(values) if !is_folded => SinkParts::Values {
                    sum: trend.sum(),
                    values: values.into(),
                },
                _ => {
                    let histogram = trend.histogram();
                    let (negative, zeros, positive) = histogram.counts();
                    SinkParts::Buckets {
                        sum: trend.sum(),
                        min: trend.min(),
                        max: trend.max(),
                        zeros,
                        negative: gaps(negative),
                        positive: gaps(positive),
                    }
                }
            },
        }
    }

    /// The sink that these are the parts of.
    pub fn from_parts(parts: SinkParts<'_>) -> Result<Self, ImpossibleParts> {
        let refuse = |kind, what| Err(ImpossibleParts { kind, what });
        match parts {
            SinkParts::Counter { sum, samples } => {
                if !sum.is_finite() || !is_count(samples) {
                    return refuse(Kind::Counter, "no sum of so many values");
                }
                Ok(Self::Counter { sum, samples })
            }
            SinkParts::Gauge {
                value,
                min,
                max,
                samples,
            } => {
                let is_possible =
                    min.is_finite() && min <= value && value <= max && max.is_finite();
                if !is_possible || !is_count(samples) {
                    return refuse(Kind::Gauge, "the last value is not between its extremes");
                }
                Ok(Self::Gauge {
                    value,
                    min,
                    max,
                    samples,
                })
            }
            SinkParts::Rate { passes, total } => {
                if passes > total || !is_count(total) {
                    return refuse(Kind::Rate, "more of them than there are");
                }
                Ok(Self::Rate { passes, total })
            }
            SinkParts::Values { sum, values } => {
                let is_possible = !values.is_empty()
                    && values.len() <= Trend::EXACT_LIMIT
                    && sum.is_finite()
                    && values.iter().all(|value| value.is_finite());
                if !is_possible {
                    return refuse(Kind::Trend, "not so many values of finite size");
                }
                Ok(Self::Trend(Trend::of_values(sum, values.into_owned())))
            }
            SinkParts::Buckets {
                sum,
                min,
                max,
                zeros,
                negative,
                positive,
            } => {
                let counted = from_gaps(&negative)
                    .zip(from_gaps(&positive))
                    .and_then(|(negative, positive)| Histogram::of(&negative, zeros, &positive));
                let Some((histogram, count)) = counted else {
                    return refuse(Kind::Trend, "buckets that there are not");
                };
                let is_possible =
                    min.is_finite() && min <= max && max.is_finite() && sum.is_finite();
                if !is_possible || !is_count(count) {
                    return refuse(Kind::Trend, "the largest value is below the smallest");
                }
                let trend = Trend::of_histogram(count, sum, (min, max), histogram);
                Ok(Self::Trend(trend))
            }
        }
    }
}

/// Whether so many values may be in a piece; with this bound no sum of counts overflows.
fn is_count(values: u64) -> bool {
    (1..=u64::from(u32::MAX)).contains(&values)
}

/// Each bucket as its distance from the one before.
fn gaps(buckets: impl Iterator<Item = (usize, u64)>) -> Vec<(u32, u64)> {
    let mut before = 0;
    let gap = |(bucket, count): (usize, u64)| {
        let gap = bucket - before;
        before = bucket;
        (u32::try_from(gap).expect("there are fewer buckets"), count)
    };
    buckets.map(gap).collect()
}

fn from_gaps(gaps: &[(u32, u64)]) -> Option<Vec<(usize, u64)>> {
    let mut at = 0_usize;
    let bucket = |&(gap, count): &(u32, u64)| {
        at = at.checked_add(usize::try_from(gap).ok()?)?;
        Some((at, count))
    };
    gaps.iter().map(bucket).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sink(kind: Kind, values: &[f64]) -> Sink {
        let mut sink = Sink::new(kind);
        for &value in values {
            sink.add(value);
        }
        sink
    }

    fn told(sink: &Sink) -> String {
        format!("{sink:?}")
    }

    proptest! {
        #[test]
        fn parts_make_the_sink_they_were_taken_from(
            values in proptest::collection::vec(-1e9..1e9_f64, 1..200),
            kind in prop::sample::select(vec![Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend]),
        ) {
            let sink = sink(kind, &values);
            let again = Sink::from_parts(sink.parts(false)).unwrap();
            prop_assert_eq!(told(&again), told(&sink));
            // In buckets it is what it becomes when there are too many to be kept one by one.
            let folded = Sink::from_parts(sink.parts(true)).unwrap();
            let twice = Sink::from_parts(folded.parts(false)).unwrap();
            prop_assert_eq!(told(&twice), told(&folded));
        }

        #[test]
        fn what_was_folded_before_it_was_written_merges_as_if_it_had_not_been(
            first in proptest::collection::vec(0.0..1e6_f64, 6_000..6_001),
            second in proptest::collection::vec(0.0..1e6_f64, 6_000..6_001),
        ) {
            let (first, second) = (sink(Kind::Trend, &first), sink(Kind::Trend, &second));
            let mut whole = first.clone();
            whole.merge_newer(&second);
            let mut merged = Sink::from_parts(first.parts(false)).unwrap();
            merged.merge_newer(&Sink::from_parts(second.parts(true)).unwrap());
            prop_assert_eq!(told(&merged), told(&whole));
        }
    }

    #[test]
    fn parts_that_no_sink_has_are_refused() {
        let buckets = |positive: Vec<(u32, u64)>, min, max| SinkParts::Buckets {
            sum: 1.0,
            min,
            max,
            zeros: 0,
            negative: Vec::new(),
            positive,
        };
        let values = |values: Vec<f64>| SinkParts::Values {
            sum: 0.0,
            values: values.into(),
        };
        for wrong in [
            SinkParts::Counter {
                sum: f64::NAN,
                samples: 1,
            },
            SinkParts::Counter {
                sum: 0.0,
                samples: 0,
            },
            SinkParts::Gauge {
                value: 3.0,
                min: 1.0,
                max: 2.0,
                samples: 1,
            },
            SinkParts::Gauge {
                value: f64::NAN,
                min: 1.0,
                max: 2.0,
                samples: 1,
            },
            SinkParts::Rate {
                passes: 2,
                total: 1,
            },
            values(Vec::new()),
            values(vec![f64::INFINITY]),
            values(vec![0.0; Trend::EXACT_LIMIT + 1]),
            buckets(vec![(u32::MAX, 1)], 1.0, 1.0),
            buckets(vec![(5, u64::MAX), (5, u64::MAX)], 1.0, 1.0),
            buckets(vec![(5, 1)], 2.0, 1.0),
            buckets(vec![(5, 1), (0, 1)], 1.0, 2.0),
            buckets(vec![(5, 0)], 1.0, 2.0),
            buckets(Vec::new(), 1.0, 2.0),
        ] {
            assert!(Sink::from_parts(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}
