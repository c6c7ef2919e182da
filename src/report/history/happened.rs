//! Failures and ends, counted by interval.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A connection was not made.
    Refusal {
        /// The stable word.
        cause: String,
        /// The status of the answer.
        status: Option<u16>,
    },
    /// A connection that was made broke.
    Break {
        /// The stable word.
        cause: String,
        /// The status of an answer, for symmetry's sake.
        status: Option<u16>,
    },
    /// A session ended, not in order.
    End {
        /// The close code; none for those that are not told apart.
        code: Option<u16>,
        /// Who ended it.
        by: Option<&'static str>,
        /// What was given as reason.
        reason: Option<String>,
    },
}

/// How often what happened when.
#[derive(Clone, Debug, Default)]
pub(super) struct Happened {
    /// By interval.
    counts: BTreeMap<What, BTreeMap<u32, u64>>,
    /// Of these something has changed.
    changed: BTreeSet<What>,
}

impl Happened {
    /// Counts so many in an interval; returns the bytes that this takes.
    pub(super) fn add(&mut self, what: What, interval: u32, count: u64) -> usize {
        let is_known = self.counts.contains_key(&what);
        let what = if is_known || self.counts.len() < MOST_KINDS {
            what
        } else {
            what.together()
        };
        self.changed.insert(what.clone());
        let counts = self.counts.entry(what).or_default();
        let before = counts.len();
        let known = counts.entry(interval).or_default();
        *known = known.saturating_add(count);
        (counts.len() - before) * ENTRY
    }

    /// The same with so many intervals in one, all of which is to be told anew. What is told apart stays so.
    pub(super) fn merged(&self, factor: u32) -> Self {
        let mut merged = Self::default();
        for (what, counts) in &self.counts {
            let by_interval = merged.counts.entry(what.clone()).or_default();
            for (interval, count) in counts {
                let known = by_interval.entry(interval / factor).or_default();
                *known = known.saturating_add(*count);
            }
        }
        merged
    }

    pub(super) fn bytes(&self) -> usize {
        self.counts.values().map(BTreeMap::len).sum::<usize>() * ENTRY
    }

    /// All of it, as the page reads it.
    pub(super) fn all(&self) -> Vec<Value> {
        let all = self.counts.iter();
        all.map(|(what, counts)| told(what, counts)).collect()
    }

    /// What has changed since the last call.
    pub(super) fn changed(&mut self) -> Vec<Value> {
        let changed = std::mem::take(&mut self.changed).into_iter();
        changed
            .filter_map(|what| Some(told(&what, self.counts.get(&what)?)))
            .collect()
    }
}

impl What {
    /// What it is counted as where there are too many kinds.
    fn together(self) -> Self {
        match self {
            Self::Refusal { .. } => Self::Refusal {
                cause: OTHER.into(),
                status: None,
            },
            Self::Break { .. } => Self::Break {
                cause: OTHER.into(),
                status: None,
            },
            Self::End { .. } => Self::End {
                code: None,
                by: None,
                reason: None,
            },
        }
    }
}

fn told(what: &What, counts: &BTreeMap<u32, u64>) -> Value {
    let counts: Vec<_> = counts.iter().collect();
    let (kind, cause, status, code, by, reason) = match what {
        What::Refusal { cause, status } => ("refusal", &**cause, *status, None, None, None),
        What::Break { cause, status } => ("break", &**cause, *status, None, None, None),
        What::End { code, by, reason } => ("end", "", None, *code, *by, reason.as_ref()),
    };
    json!({
        "kind": kind,
        "cause": cause,
        "status": status,
        "code": code,
        "by": by,
        "reason": reason,
        "counts": counts,
    })
}

/// More than a run tells apart of failures and ends.
const MOST_KINDS: usize = 1_000;
const OTHER: &str = "__other__";
/// What a count takes in a tree.
const ENTRY: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_were_told_apart_stay_so_in_longer_intervals() {
        let mut happened = Happened::default();
        let kind = |status: usize| What::Refusal {
            cause: "handshake_status".into(),
            status: u16::try_from(status).ok(),
        };
        for number in 0..MOST_KINDS + 5 {
            // Those that find no room come before others in their order.
            happened.add(kind(MOST_KINDS + 5 - number), 3, 1);
        }
        let merged = happened.merged(2);
        assert_eq!(merged.counts.len(), MOST_KINDS + 1);
        assert!(merged.counts.keys().eq(happened.counts.keys()));
        assert!(merged.counts.values().all(|counts| counts.keys().eq([&1])));
    }
}
