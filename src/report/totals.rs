//! The sums of a run: what thresholds and the summary look at.

use super::snapshot::Pieces;
use super::{CheckTree, Ends, Failures};
use crate::metrics::{Aggregate, Recorder, Series, SeriesTable, Sink, Submetrics};

/// What has been added up.
#[derive(Debug, Default)]
pub struct Totals {
    /// Every series' sink.
    pub aggregate: Aggregate,
    /// What thresholds look at.
    pub parts: Submetrics,
    /// Groups and checks in order of first use.
    pub checks: CheckTree,
    /// Connections that were not made.
    pub refusals: Failures,
    /// Connections that were made and broke.
    pub breaks: Failures,
    /// How sessions ended that did not end in order.
    pub ends: Ends,
    /// What was added since it was told last, where somebody is told.
    pub pieces: Option<Pieces>,
}

impl Totals {
    /// Adds up what a recorder holds.
    pub fn take(&mut self, table: &SeriesTable, recorder: &mut Recorder) {
        recorder.drain(|series, recorded| self.add(table, series, recorded));
    }

    /// Adds what was recorded for a series; it is newer than all that was added before.
    pub fn add(&mut self, table: &SeriesTable, series: Series, recorded: &Sink) {
        self.aggregate.merge(series, recorded);
        self.parts.merge(table, series, recorded);
        if let Some(pieces) = &mut self.pieces {
            let total = self.aggregate.sink(series);
            let is_folded = matches!(total, Some(Sink::Trend(trend)) if !trend.is_exact());
            pieces.add(series, recorded, is_folded);
        }
    }
}
