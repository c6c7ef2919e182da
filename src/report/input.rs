//! Everything a summary is made of.

use std::time::Duration;

use serde_json::Value;

use super::CheckTree;
use crate::metrics::{Aggregate, Registry, SeriesTable, TrendStat};
use crate::verdict::PartOfMetric;

/// What was recorded, and what of it is wanted.
#[derive(Debug)]
pub struct SummaryInput<'a> {
    /// Names, kinds and units of the metrics; also their order.
    pub registry: &'a Registry,
    /// Which series belong to a metric.
    pub series: &'a SeriesTable,
    /// What was recorded.
    pub aggregate: &'a Aggregate,
    /// Which checks were made, and where.
    pub checks: &'a CheckTree,
    /// The metrics and parts of metrics that thresholds name.
    pub parts: &'a [PartOfMetric<'a>],
    /// How long the test ran; counters are divided by it.
    pub duration: Duration,
    /// The figures of a trend, in the order wanted.
    pub trend_stats: &'a [TrendStat],
    /// `summaryTimeUnit` (`s`, `ms`, `us`), passed on; `None` lets the text choose.
    pub time_unit: Option<&'a str>,
    /// `--no-color`, passed on.
    pub no_color: bool,
    /// Whether standard output is a terminal, passed on.
    pub stdout_is_tty: bool,
    /// Whether standard error is a terminal, passed on.
    pub stderr_is_tty: bool,
    /// What `setup` returned; without it the key is absent.
    pub setup_data: Option<Value>,
}
