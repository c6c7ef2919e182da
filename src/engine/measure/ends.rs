//! Which ends of sessions are worth a line, and who chose them.
//!
//! Facts get their meaning here; they are counted in [`report`](crate::report::Ends).

use crate::report::Ender;
use crate::socket::ws::close;

/// The code and who chose it, if an end like this is worth a line. `ours` is the code of our Close, if that was on
/// its way before the peer's came.
pub(super) fn worth_telling(code: u16, is_error: bool, ours: Option<u16>) -> Option<(u16, Ender)> {
    let (code, by) = match (code, ours) {
        (close::ABNORMAL, _) if is_error => (close::ABNORMAL, Ender::Nobody),
        (code, _) if is_error || code == close::ABNORMAL => (code, Ender::Us),
        (code, Some(ours)) if is_orderly(code, Ender::Us) => (ours, Ender::Us),
        (code, Some(ours)) if code == ours => (code, Ender::Us),
        (code, _) => (code, Ender::Server),
    };
    (!is_orderly(code, by)).then_some((code, by))
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
    use super::super::peer_text::shown;
    use super::*;
    use crate::report::Ends;

    fn told(ends: &[(u16, &str, bool, Option<u16>)]) -> Vec<(u16, &'static str, String, u64)> {
        let mut all = Ends::default();
        for (code, reason, is_error, ours) in ends {
            if let Some((code, by)) = worth_telling(*code, *is_error, *ours) {
                all.add(code, by, shown(reason));
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
}
