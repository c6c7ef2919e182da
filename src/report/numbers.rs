//! What is known of a run, whoever added it up, and all that is told of it.
//!
//! The run itself adds up what it records; who listens adds up what it says, be that a keeper in this process, a
//! coordinator, or whoever reads a file later. From here on there is no difference: the same lines tell of both.

use std::time::Duration;

use serde_json::Value;

use super::{
    Glance, RowsInput, RunFacts, SummaryInput, Totals, View, rows, run_block, silent, summary,
};
use crate::metrics::{Registry, SeriesTable, TrendStat};
use crate::options::Options;
use crate::verdict::{Health, Judge, PartOfMetric};

/// The sums of a run, and by what they are read.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a> {
    /// Names, kinds and units of the metrics.
    pub registry: &'a Registry,
    /// Which series belong to a metric.
    pub series: &'a SeriesTable,
    /// What was added up.
    pub totals: &'a Totals,
    /// How thresholds stand.
    pub judge: &'a Judge,
    /// What is wanted of it; none before anybody has said so.
    pub options: Option<&'a Options>,
    /// How long the test has run; counters are divided by it.
    pub duration: Duration,
}

/// What a summary says beside the numbers.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// How the generator was.
    pub health: Health,
    /// Certificates were not verified.
    pub is_unverified: bool,
    /// Iterations that were cut.
    pub interrupted: u64,
    /// The names of the scenarios, in the order of the options.
    pub scenarios: &'a [&'a str],
}

impl Numbers<'_> {
    /// What happened, in the schema of `handle_summary`, as it is to be shown.
    pub fn summary(&self, beside: &Circumstances<'_>, view: &View) -> Value {
        self.summary_of(&self.judge.report(&self.totals.parts), beside, view)
    }

    /// The same, with thresholds that stand so.
    pub fn summary_of(
        &self,
        parts: &[PartOfMetric<'_>],
        beside: &Circumstances<'_>,
        view: &View,
    ) -> Value {
        let input = SummaryInput {
            registry: self.registry,
            series: self.series,
            aggregate: &self.totals.aggregate,
            checks: &self.totals.checks,
            parts,
            duration: self.duration,
            trend_stats: self.trend_stats(),
            time_unit: self
                .options
                .and_then(|all| all.summary_time_unit.as_deref()),
            terminal: view.terminal(),
            setup_data: None,
        };
        let mut data = summary(&input);
        data["run"] = run_block(
            &input,
            &RunFacts {
                totals: self.totals,
                health: &beside.health,
                is_unverified: beside.is_unverified,
                interrupted: beside.interrupted,
                scenarios: view.is_full().then_some(beside.scenarios),
            },
        );
        data
    }

    /// Every metric without a sample, by name, as the summary would have it.
    pub fn silent_metrics(&self) -> Value {
        silent(self.registry, self.trend_stats(), |id| {
            self.totals.aggregate.total(self.series, id).is_none()
        })
    }

    /// Every series with its figures, and which of them belong to the parts of metrics that thresholds name.
    pub fn rows(&self) -> Value {
        let thresholds = self.options.map(|all| &*all.thresholds);
        let names = thresholds.unwrap_or_default().iter().map(|one| &*one.name);
        rows(&RowsInput {
            registry: self.registry,
            series: self.series,
            aggregate: &self.totals.aggregate,
            parts: &names.collect::<Vec<_>>(),
            duration: self.duration,
            trend_stats: self.trend_stats(),
        })
    }

    /// What somebody who watches the run wants to see, so long after the scenarios began.
    pub fn glance(&self, elapsed: Duration) -> Value {
        let figures = Glance {
            registry: self.registry,
            series: self.series,
            totals: self.totals,
            parts: &self.judge.glance(&self.totals.parts, self.duration),
            elapsed,
            duration: self.duration,
            trend_stats: self.trend_stats(),
        };
        figures.to_json()
    }

    fn trend_stats(&self) -> &[TrendStat] {
        self.options.map_or(&[], |all| &*all.summary_trend_stats)
    }
}
