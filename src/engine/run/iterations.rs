//! How iterations end, and how many of a scenario ended how.

/// How an iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IterationEnd {
    /// The function returned.
    Complete,
    /// It was ended by an exception.
    Failed,
    /// It was cut before its end.
    Interrupted,
}

/// What became of the iterations of a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IterationCounts {
    /// Those that have finished, failed ones among them.
    pub complete: u64,
    /// Those that an exception ended.
    pub failed: u64,
    /// Those that were cut.
    pub interrupted: u64,
    /// Those that were due and never began.
    pub dropped: u64,
}

impl IterationCounts {
    pub(super) fn add(&mut self, end: IterationEnd) {
        match end {
            IterationEnd::Interrupted => self.interrupted += 1,
            IterationEnd::Complete => self.complete += 1,
            IterationEnd::Failed => {
                self.complete += 1;
                self.failed += 1;
            }
        }
    }
}
