//! How sessions ended, where that was not as it should be: by code, by whom, for which reason.
//!
//! For the summary: a run in which the server sends everybody away must not look like one in which all went well.

use std::collections::BTreeMap;

use super::peer_text::shown;
use crate::socket::ws::close;

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
    /// The code and who chose it, if an end like this is worth a line. `ours` is the code of our Close, if that was on
    /// its way before the peer's came.
    pub(super) fn worth_telling(
        code: u16,
        is_error: bool,
        ours: Option<u16>,
    ) -> Option<(u16, Ender)> {
        let (code, by) = match (code, ours) {
            (close::ABNORMAL, _) if is_error => (close::ABNORMAL, Ender::Nobody),
            (code, _) if is_error || code == close::ABNORMAL => (code, Ender::Us),
            (code, Some(ours)) if is_orderly(code, Ender::Us) => (ours, Ender::Us),
            (code, Some(ours)) if code == ours => (code, Ender::Us),
            (code, _) => (code, Ender::Server),
        };
        (!is_orderly(code, by)).then_some((code, by))
    }

    pub(super) fn add(&mut self, code: u16, by: Ender, reason: &str) {
        let mut end = End {
            code,
            by,
            reason: Some(shown(reason)),
        };
        if let Some(count) = self.by_kind.get_mut(&end) {
            *count += 1;
            return;
        }
        if self.by_kind.len() >= MAX_REASONS && !reason.is_empty() {
            end.reason = None;
        }
        if self.by_kind.len() >= MAX_KINDS && !self.by_kind.contains_key(&end) {
            self.others += 1;
        } else {
            *self.by_kind.entry(end).or_default() += 1;
        }
    }

    /// Each way, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (&End, u64)> {
        self.by_kind.iter().map(|(end, count)| (end, *count))
    }
}

/// Whether nobody needs to be told. A client goes away at the end of each test; a server that does is worth a line.
fn is_orderly(code: u16, by: Ender) -> bool {
    match code {
        close::NORMAL | close::NO_STATUS => true,
        close::GOING_AWAY => by == Ender::Us,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ends: &[(u16, &str, bool, Option<u16>)]) -> Vec<(u16, &'static str, String, u64)> {
        let mut all = Ends::default();
        for (code, reason, is_error, ours) in ends {
            if let Some((code, by)) = Ends::worth_telling(*code, *is_error, *ours) {
                all.add(code, by, reason);
            }
        }
        let each = all.iter().map(|(end, count)| {
            (
                end.code,
                end.by.as_str(),
                end.reason.clone().unwrap_or_default(),
                count,
            )
        });
        each.collect()
    }

    #[test]
    fn what_is_in_order_is_not_told() {
        let orderly = [
            (1000, "", false, None),
            (1005, "", false, None),
            (1000, "bye", false, Some(1000)),
            (1001, "", false, Some(1001)),
            (1000, "", false, Some(1001)),
            (1001, "idle", true, None),
        ];
        assert_eq!(told(&orderly), []);
    }

    #[test]
    fn who_ended_it_is_who_spoke_first() {
        let word = String::from;
        assert_eq!(
            told(&[
                (4001, "unauthorized", false, None),
                (4001, "unauthorized", false, None),
                (4001, "", false, Some(4001)),
                (1000, "", false, Some(4002)),
                (1011, "x\x1b", false, Some(1001)),
                (1001, "", false, None),
                (1006, "unexpected EOF", true, None),
                (1006, "", false, Some(1000)),
                (1002, "bad", true, None),
            ]),
            [
                (1001, "server", word(""), 1),
                (1002, "us", word("bad"), 1),
                (1006, "us", word(""), 1),
                (1006, "nobody", word("unexpected EOF"), 1),
                (1011, "server", word("x␛"), 1),
                (4001, "server", word("unauthorized"), 2),
                (4001, "us", word(""), 1),
                (4002, "us", word(""), 1),
            ]
        );
    }

    #[test]
    fn reasons_that_differ_each_time_are_counted_together() {
        let mut ends = Ends::default();
        for number in 0..1000_u16 {
            ends.add(4001, Ender::Server, &format!("session {number}"));
            ends.add(3000 + number, Ender::Server, "");
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
