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
    /// What the terminal is like, passed on.
    pub terminal: TerminalState,
    /// What `setup` returned; without it the key is absent.
    pub setup_data: Option<Value>,
}

/// What the terminal is like, for the `state` and `options` parts of the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalState {
    /// Colour was refused.
    pub no_color: bool,
    /// Standard output is a terminal.
    pub stdout_is_tty: bool,
    /// Standard error is a terminal.
    pub stderr_is_tty: bool,
}
