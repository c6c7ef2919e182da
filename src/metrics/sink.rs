//! Sinks: what the samples of a series add up to.
//!
//! One variant per kind of metric, each just large enough to answer its figures. A sink does not know
//! which series it belongs to nor when its values came.

use super::finite::finite_sum;
use super::{Kind, Trend};

/// Accumulated samples of one kind.
#[derive(Clone, Debug)]
pub enum Sink {
    /// A sum.
    Counter {
        /// Sum of all values.
        sum: f64,
        /// Number of values; tells a sum of zero from no sample at all.
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
        /// Number of values; without any, the others mean nothing.
        samples: u64,
    },
    /// A share.
    Rate {
        /// Values that were not zero.
        passes: u64,
        /// All values.
        total: u64,
    },
    /// A distribution.
    Trend(Trend),
}

impl Sink {
    /// An empty sink for metrics of this kind.
    pub const fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Counter {
                sum: 0.0,
                samples: 0,
            },
            Kind::Gauge => Self::Gauge {
                value: 0.0,
                min: 0.0,
                max: 0.0,
                samples: 0,
            },
            Kind::Rate => Self::Rate {
                passes: 0,
                total: 0,
            },
            Kind::Trend => Self::Trend(Trend::new()),
        }
    }

    /// Which kind of metric this sink is for.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Counter { .. } => Kind::Counter,
            Self::Gauge { .. } => Kind::Gauge,
            Self::Rate { .. } => Kind::Rate,
            Self::Trend(_) => Kind::Trend,
        }
    }

    /// Adds one value, which must be finite.
    pub fn add(&mut self, new: f64) {
        match self {
            Self::Counter { sum, samples } => {
                *sum = finite_sum(*sum, new);
                *samples += 1;
            }
            Self::Gauge {
                value,
                min,
                max,
                samples,
            } => {
                *min = if *samples == 0 { new } else { min.min(new) };
                *max = if *samples == 0 { new } else { max.max(new) };
                *value = new;
                *samples += 1;
            }
            Self::Rate { passes, total } => {
                *passes += u64::from(new != 0.0);
                *total += 1;
            }
            Self::Trend(trend) => trend.add(new),
        }
    }

    /// Adds a value, which must be finite, as often as `count` says.
    pub fn add_many(&mut self, new: f64, count: u32) {
        match self {
            Self::Trend(trend) => trend.add_many(new, count),
            _ => (0..count).for_each(|_| self.add(new)),
        }
    }

    /// Adds everything in `newer`, which was recorded after what is here.
    ///
    /// Only a gauge cares: its last value is the newer one's. Both must be of one kind; sinks of one
    /// series always are.
    pub fn merge_newer(&mut self, newer: &Self) {
        match (self, newer) {
            (
                Self::Counter { sum, samples },
                Self::Counter {
                    sum: more,
                    samples: n,
                },
            ) => {
                *sum = finite_sum(*sum, *more);
                *samples += n;
            }
            (gauge @ Self::Gauge { samples: 0, .. }, Self::Gauge { .. }) => *gauge = newer.clone(),
            (Self::Gauge { .. }, Self::Gauge { samples: 0, .. }) => {}
            (
                Self::Gauge {
                    value,
                    min,
                    max,
                    samples,
                },
                Self::Gauge {
                    value: last,
                    min: low,
                    max: high,
                    samples: n,
                },
            ) => {
                *value = *last;
                *min = min.min(*low);
                *max = max.max(*high);
                *samples += n;
            }
            (
                Self::Rate { passes, total },
                Self::Rate {
                    passes: more,
                    total: n,
                },
            ) => {
                *passes += more;
                *total += n;
            }
            (Self::Trend(trend), Self::Trend(more)) => trend.merge(more),
            (mine, _) => {
                debug_assert!(
                    false,
                    "a {:?} merged into a {:?}",
                    newer.kind(),
                    mine.kind()
                );
            }
        }
    }

    /// Forgets all samples; a trend keeps its room for the next ones.
    pub fn clear(&mut self) {
        match self {
            Self::Trend(trend) => trend.clear(),
            other => *other = Self::new(other.kind()),
        }
    }

    /// Whether no sample was added.
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Counter { samples, .. } | Self::Gauge { samples, .. } => *samples == 0,
            Self::Rate { total, .. } => *total == 0,
            Self::Trend(trend) => trend.count() == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 4] = [Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend];

    fn sink(kind: Kind, values: &[f64]) -> Sink {
        let mut sink = Sink::new(kind);
        for &value in values {
            sink.add(value);
        }
        sink
    }

    /// All figures of a sink, comparable.
    fn figures(sink: &Sink) -> String {
        format!("{sink:?}")
    }

    #[test]
    fn each_kind_adds_up_in_its_own_way() {
        let values = [3.0, -1.0, 0.0];
        assert_eq!(
            figures(&sink(Kind::Counter, &values)),
            "Counter { sum: 2.0, samples: 3 }"
        );
        assert_eq!(
            figures(&sink(Kind::Gauge, &values)),
            "Gauge { value: 0.0, min: -1.0, max: 3.0, samples: 3 }"
        );
        assert_eq!(
            figures(&sink(Kind::Rate, &values)),
            "Rate { passes: 2, total: 3 }"
        );
        let Sink::Trend(trend) = sink(Kind::Trend, &values) else {
            panic!("not a trend")
        };
        assert_eq!((trend.count(), trend.percentile(50.0).to_bits()), (3, 0));
    }

    #[test]
    fn merging_the_newer_equals_adding_all() {
        for kind in KINDS {
            for (older, newer) in [
                ([5.0, 1.0].as_slice(), [2.0].as_slice()),
                (&[], &[7.0]),
                (&[7.0], &[]),
            ] {
                let mut merged = sink(kind, older);
                merged.merge_newer(&sink(kind, newer));
                assert_eq!(
                    figures(&merged),
                    figures(&sink(kind, &[older, newer].concat()))
                );
            }
        }
    }

    #[test]
    fn what_adds_up_beyond_the_largest_number_stays_one_and_can_be_read_again() {
        const HUGE: f64 = 1.7e308;
        for values in [[HUGE, HUGE], [-HUGE, -HUGE], [HUGE, -HUGE]] {
            for kind in KINDS {
                let mut many = sink(kind, &values);
                many.add_many(values[1], 10_001);
                let mut merged = sink(kind, &values);
                merged.merge_newer(&many);
                for one in [sink(kind, &values), many, merged] {
                    for is_folded in [false, true] {
                        let again = Sink::from_parts(one.parts(is_folded)).unwrap();
                        assert!(!figures(&again).contains("inf"), "{again:?}");
                    }
                    if let Sink::Trend(trend) = one {
                        for p in [0.0, 10.0, 50.0, 99.0, 100.0] {
                            assert!(trend.percentile(p).is_finite(), "{p}");
                        }
                        assert!(trend.avg().is_finite());
                    }
                }
            }
        }
    }

    #[test]
    fn a_sum_of_zero_is_not_an_empty_sink() {
        for kind in KINDS {
            assert!(Sink::new(kind).is_empty());
            let mut sink = sink(kind, &[0.0]);
            assert!(!sink.is_empty());
            sink.clear();
            assert!(sink.is_empty());
            assert_eq!(sink.kind(), kind);
        }
    }
}
