//! Metrics that somebody named in a threshold, with how the thresholds stand.

use crate::metrics::{MetricId, Sink, Threshold};

/// A metric or a part of it that the options name.
#[derive(Debug)]
pub struct PartOfMetric<'a> {
    /// Metric and selector as the user wrote them.
    pub name: &'a str,
    /// The metric.
    pub metric: MetricId,
    /// Whether it is all of it, so that the thresholds stand with the metric itself.
    pub is_whole: bool,
    /// Whether its figures are shown while the run lasts.
    pub is_shown: bool,
    /// What was recorded in it.
    pub sink: &'a Sink,
    /// Its thresholds.
    pub judgements: Vec<Judgement<'a>>,
}

/// How one threshold stands.
#[derive(Debug)]
pub struct Judgement<'a> {
    /// The condition as the user wrote it.
    pub expression: &'a str,
    /// The same, read.
    pub threshold: &'a Threshold,
    /// Whether it holds.
    pub is_ok: bool,
    /// The figure that was compared; none without data.
    pub figure: Option<f64>,
    /// There is data, but not what a window of all processes would have shown.
    pub is_undecided: bool,
}
