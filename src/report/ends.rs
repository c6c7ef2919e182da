//! How sessions ended, where that was not as it should be: by code, by whom, for which reason.
//!
//! For the summary: a run in which the server sends everybody away must not look like one in which all went well.

use std::collections::BTreeMap;

/// Kinds of which the reason is told: a peer may make up one for each session.
const MAX_REASONS: usize = 100;
/// Kinds that are told apart at all.
const MAX_KINDS: usize = 200;

/// Who ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ender {
    /// The peer: its Close came first.
    Server,
    /// The script, or k6ws for it.
    Us,
    /// Nobody: the connection broke.
    Nobody,
}

impl Ender {
    /// Who is named by this word.
    pub fn read(word: &str) -> Option<Self> {
        let mut all = [Self::Server, Self::Us, Self::Nobody].into_iter();
        all.find(|one| one.as_str() == word)
    }

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Us => "us",
            Self::Nobody => "nobody",
        }
    }
}

/// One way to end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// The close code.
    pub code: u16,
    /// Who chose it.
    pub by: Ender,
    /// The reason that came with it, often empty; none where there were too many different ones.
    pub reason: Option<String>,
}

/// How often sessions ended in which way.
#[derive(Debug, Default)]
pub struct Ends {
    by_kind: BTreeMap<End, u64>,
    /// Those that found no room.
    pub others: u64,
}

impl Ends {
    /// Counts one; the reason is fit to be shown.
    pub fn add(&mut self, code: u16, by: Ender, reason: String) {
        let is_silent = reason.is_empty();
        let mut end = End {
            code,
            by,
            reason: Some(reason),
        };
        if let Some(count) = self.by_kind.get_mut(&end) {
            *count += 1;
            return;
        }
        if self.by_kind.len() >= MAX_REASONS && !is_silent {
            end.reason = None;
        }
        if self.by_kind.len() >= MAX_KINDS && !self.by_kind.contains_key(&end) {
            self.others += 1;
        } else {
            *self.by_kind.entry(end).or_default() += 1;
        }
    }

    /// Counts as many that ended in one way; the reason is none where there were too many different ones.
    pub fn add_many(&mut self, code: u16, by: Ender, reason: Option<String>, count: u64) {
        let end = End { code, by, reason };
        if self.by_kind.len() >= MAX_KINDS && !self.by_kind.contains_key(&end) {
            self.others = self.others.saturating_add(count);
        } else {
            let known = self.by_kind.entry(end).or_default();
            *known = known.saturating_add(count);
        }
    }

    /// Each way, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (&End, u64)> {
        self.by_kind.iter().map(|(end, count)| (end, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_each_time_are_counted_together() {
        let mut ends = Ends::default();
        for number in 0..1000_u16 {
            ends.add(4001, Ender::Server, format!("session {number}"));
            ends.add(3000 + number, Ender::Server, String::new());
        }
        assert_eq!(ends.by_kind.len(), MAX_KINDS);
        let all: u64 = ends.iter().map(|(_, count)| count).sum();
        assert_eq!(all + ends.others, 2000);
        let unnamed = End {
            code: 4001,
            by: Ender::Server,
            reason: None,
        };
        assert_eq!(ends.by_kind[&unnamed], 950);
    }
}
