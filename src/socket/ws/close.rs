//! Close codes: which may travel, what they are called, and how a closure reads as text.
//!
//! The text format is API: scripts compare `e.error()` with it. It is the one k6 users know:
//! `websocket: close 1006 (abnormal closure): unexpected EOF`.

/// No status received: stands for a Close frame without payload, never sent as a number.
pub const NO_STATUS: u16 = 1005;
/// The connection ended without a Close frame; never sent.
pub const ABNORMAL: u16 = 1006;
/// A normal closure.
pub const NORMAL: u16 = 1000;
/// The peer goes away; what `k6/ws` sends unless told otherwise.
pub const GOING_AWAY: u16 = 1001;
/// The peer broke the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// A text message or a close reason was not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// A message was larger than the receiver accepts.
pub const TOO_BIG: u16 = 1009;

/// Why and how a session ended, as its peer or we ourselves put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseStatus {
    /// RFC 6455 section 7.4 code; [`NO_STATUS`] for an empty Close, [`ABNORMAL`] for none at all.
    pub code: u16,
    /// The reason given with it, often empty.
    pub reason: String,
}

impl CloseStatus {
    /// A status with a reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}

impl std::fmt::Display for CloseStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "websocket: close {}", self.code)?;
        if let Some(name) = name(self.code) {
            write!(f, " ({name})")?;
        }
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        Ok(())
    }
}

/// Whether a peer may send this code (RFC 6455 section 7.4 and the registry behind it).
pub fn may_be_received(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Whether a script may ask for this code. [`NO_STATUS`] is allowed and means an empty Close frame.
pub fn may_be_requested(code: i64) -> bool {
    (1000..=4999).contains(&code) && !matches!(code, 1004 | 1006 | 1015)
}

/// What a code means, where the standard says so.
pub fn name(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "normal",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no status",
        1006 => "abnormal closure",
        1007 => "invalid payload data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "mandatory extension missing",
        1011 => "internal server error",
        1015 => "TLS handshake error",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_reads_as_k6_users_know_it() {
        assert_eq!(
            CloseStatus::new(1006, "unexpected EOF").to_string(),
            "websocket: close 1006 (abnormal closure): unexpected EOF"
        );
        assert_eq!(
            CloseStatus::new(4001, "").to_string(),
            "websocket: close 4001"
        );
        assert_eq!(
            CloseStatus::new(1005, "").to_string(),
            "websocket: close 1005 (no status)"
        );
    }

    #[test]
    fn codes_that_never_travel_are_refused_both_ways() {
        for code in [999, 1004, 1005, 1006, 1015, 2999, 5000] {
            assert!(!may_be_received(code), "{code}");
        }
        for code in [0, 999, 1004, 1006, 1015, 5000, -1, 70_000] {
            assert!(!may_be_requested(code), "{code}");
        }
        assert!(may_be_requested(1005), "an empty Close may be asked for");
        assert!(may_be_received(1012) && may_be_received(1014));
    }
}
