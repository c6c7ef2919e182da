//! What went wrong with connections, by cause: for the summary, which no tag can switch off.

use std::collections::BTreeMap;

/// Statuses that are told apart: a peer makes them up.
const MAX_STATUSES: usize = 100;

/// Failures by their stable word, refused handshakes by the status as well.
#[derive(Debug, Default)]
pub struct Failures(BTreeMap<(&'static str, Option<u16>), Failure>);

/// Failures of one kind.
#[derive(Debug, Default)]
pub struct Failure {
    /// How many.
    pub count: u64,
    /// What happened to the first.
    pub first: String,
    /// What to do about it, or what it means; may be empty.
    pub hint: String,
    /// The first line that the server sent with its refusal; may be empty.
    pub body: String,
}

impl Failure {
    /// What is told of the first of a kind.
    pub fn new(first: String, hint: &str) -> Self {
        Self {
            first,
            hint: hint.into(),
            ..Self::default()
        }
    }
}

impl Failures {
    /// Counts one; `new` says what happened, and is asked for the first of a kind.
    pub fn add(&mut self, cause: &'static str, status: Option<u16>, new: impl FnOnce() -> Failure) {
        let is_new = !self.0.contains_key(&(cause, status));
        let status = status.filter(|_| !is_new || self.0.len() < MAX_STATUSES);
        self.0.entry((cause, status)).or_insert_with(new).count += 1;
    }

    /// Each kind: its cause, and the status where the server answered with one; in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Option<u16>, &Failure)> {
        self.0
            .iter()
            .map(|((cause, status), failure)| (*cause, *status, failure))
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.values().map(|one| one.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_status_as_far_as_there_is_room() {
        let mut failures = Failures::default();
        for status in 0..300 {
            for _ in 0..2 {
                failures.add("handshake_status", Some(status), Failure::default);
            }
        }
        failures.add("dns", None, Failure::default);
        assert_eq!(failures.0.len(), MAX_STATUSES + 2);
        assert_eq!(failures.0[&("handshake_status", Some(7))].count, 2);
        assert_eq!(failures.0[&("handshake_status", None)].count, 400);
        assert_eq!(failures.total(), 601);
    }
}
