//! What went wrong with connections, by cause: for the summary, which no tag can switch off.

use std::collections::BTreeMap;

use super::Metering;

/// Failures by their stable word.
#[derive(Debug, Default)]
pub struct Failures(BTreeMap<&'static str, Failure>);

/// Failures of one cause.
#[derive(Debug)]
pub struct Failure {
    /// How many.
    pub count: u64,
    /// What happened to the first.
    pub first: String,
}

impl Failures {
    /// Counts one; `text` says what happened, and is asked for once.
    fn add(&mut self, cause: &'static str, text: impl FnOnce() -> String) {
        let new = || Failure {
            count: 0,
            first: text(),
        };
        self.0.entry(cause).or_insert_with(new).count += 1;
    }

    /// Each cause, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Failure)> {
        self.0.iter().map(|(cause, failure)| (*cause, failure))
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.values().map(|one| one.count).sum()
    }
}

impl Metering {
    /// Counts a connection that was not made; `text` says what happened to the first of its kind.
    pub fn refused(&self, cause: &'static str, text: impl FnOnce() -> String) {
        self.totals().refusals.add(cause, text);
    }

    /// Counts a connection that was made and broke; `text` as for [`Metering::refused`].
    pub fn broke(&self, cause: &'static str, text: impl FnOnce() -> String) {
        self.totals().breaks.add(cause, text);
    }
}
