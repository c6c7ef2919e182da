//! What a metric is: a name, a kind and a unit.
//!
//! The definition only. The numbers live in sinks, one per series, so that the same definition serves
//! the recorders, the aggregate and the outputs. Knows nothing of tags, values or where they come from.

use serde::{Deserialize, Serialize};

/// How the samples of a metric add up.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A sum.
    Counter,
    /// The last value, with the smallest and the largest seen.
    Gauge,
    /// The share of samples that are not zero.
    Rate,
    /// A distribution: average, extremes, percentiles.
    Trend,
}

impl Kind {
    /// k6's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Rate => "rate",
            Self::Trend => "trend",
        }
    }
}

/// What the values of a metric contain.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Plain numbers.
    Default,
    /// Milliseconds.
    Time,
    /// Bytes.
    Data,
}

impl Unit {
    /// k6's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Time => "time",
            Self::Data => "data",
        }
    }
}

/// Names a metric of one [`Registry`](super::Registry), so that the hot path compares no strings.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(u32);

impl MetricId {
    pub(super) const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The id of the metric at `index` of a registry.
    pub(super) fn at(index: usize) -> Self {
        Self(u32::try_from(index).expect("scripts do not declare four billion metrics"))
    }

    /// Position in the registry; ids are dense, so it may index a `Vec`.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The definition of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Unique in its registry, spelled as the user sees it.
    pub name: Box<str>,
    /// How samples add up.
    pub kind: Kind,
    /// What samples contain.
    pub unit: Unit,
}
