//! What went wrong with connections, by cause: for the summary, which no tag can switch off.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Statuses that are told apart: a peer makes them up.
const MAX_STATUSES: usize = 100;

/// Failures by their stable word, refused handshakes by the status as well.
#[derive(Debug, Default)]
pub struct Failures(BTreeMap<(Cow<'static, str>, Option<u16>), Failure>);

/// Failures of one kind.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// How many.
    pub count: u64,
    /// What happened to the first.
    pub first: String,
    /// What to do about it, or what it means; may be empty.
    pub hint: String,
    /// The first line that the server sent with its refusal; may be empty.
    pub body: String,
    /// Milliseconds since 1970 of the first.
    pub first_at: f64,
    /// Of the last so far.
    pub last_at: f64,
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

impl Failure {
    /// More of the same kind. What is told of the first is told by whoever saw it first.
    fn merge(&mut self, more: Self) {
        let is_earlier = (more.first_at, &more.first) < (self.first_at, &self.first);
        if is_earlier && !more.first.is_empty() {
            (self.first, self.hint, self.body) = (more.first, more.hint, more.body);
        }
        self.count = self.count.saturating_add(more.count);
        self.first_at = self.first_at.min(more.first_at);
        self.last_at = self.last_at.max(more.last_at);
    }
}

impl Failures {
    /// Counts one that happened at this time, in milliseconds since 1970; `new` says what happened, and is asked for the
    /// first of a kind.
    pub fn add(
        &mut self,
        cause: &'static str,
        status: Option<u16>,
        at: f64,
        new: impl FnOnce() -> Failure,
    ) {
        let known = self.0.entry(self.kind(cause.into(), status));
        let known = known.or_insert_with(|| Failure {
            first_at: at,
            ..new()
        });
        known.count += 1;
        known.last_at = known.last_at.max(at);
    }

    /// Counts as many of one kind, which may be known.
    pub fn add_many(&mut self, cause: Cow<'static, str>, status: Option<u16>, more: Failure) {
        match self.0.entry(self.kind(cause, status)) {
            Entry::Vacant(free) => drop(free.insert(more)),
            Entry::Occupied(mut known) => known.get_mut().merge(more),
        }
    }

    fn kind(
        &self,
        cause: Cow<'static, str>,
        status: Option<u16>,
    ) -> (Cow<'static, str>, Option<u16>) {
        let kind = (cause, status);
        if status.is_none() || self.0.contains_key(&kind) {
            return kind;
        }
        // Those alone: whoever adds up what is told has them in another order.
        let statuses = self.0.keys().filter(|(_, status)| status.is_some());
        if statuses.count() < MAX_STATUSES {
            kind
        } else {
            (kind.0, None)
        }
    }

    /// Each kind: its cause, and the status where the server answered with one; in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<u16>, &Failure)> {
        self.0
            .iter()
            .map(|((cause, status), failure)| (&**cause, *status, failure))
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
                failures.add("handshake_status", Some(status), 1.0, Failure::default);
            }
        }
        failures.add("dns", None, 1.0, Failure::default);
        assert_eq!(failures.0.len(), MAX_STATUSES + 2);
        assert_eq!(failures.0[&("handshake_status".into(), Some(7))].count, 2);
        assert_eq!(failures.0[&("handshake_status".into(), None)].count, 400);
        assert_eq!(failures.total(), 601);
    }

    #[test]
    fn who_saw_it_first_tells_of_it_whoever_is_merged_first() {
        let failure = |first: &str, first_at, last_at| Failure {
            count: 2,
            first_at,
            last_at,
            ..Failure::new(first.into(), "hint")
        };
        let (early, late) = (failure("early", 1.0, 2.0), failure("late", 3.0, 4.0));
        for order in [[&early, &late], [&late, &early]] {
            let mut failures = Failures::default();
            for one in order {
                failures.add_many("dns".into(), None, one.clone());
            }
            let (cause, status, merged) = failures.iter().next().unwrap();
            assert_eq!((cause, status, merged.count), ("dns", None, 4));
            assert_eq!(
                (merged.first.as_str(), merged.first_at, merged.last_at),
                ("early", 1.0, 4.0)
            );
        }
    }
}
