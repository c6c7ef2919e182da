//! The sums of a run: what thresholds and the summary look at.

use super::{CheckTree, Ends, Failures};
use crate::metrics::{Aggregate, Recorder, SeriesTable, Submetrics};

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
}

impl Totals {
    /// Adds up what a recorder holds.
    pub fn take(&mut self, table: &SeriesTable, recorder: &mut Recorder) {
        recorder.drain(|series, recorded| {
            self.aggregate.merge(series, recorded);
            self.parts.merge(table, series, recorded);
        });
    }
}
