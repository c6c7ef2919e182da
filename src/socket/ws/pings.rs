//! Our pings whose pong is awaited.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::Instant;

/// Pings kept at most; the oldest are given up.
const MAX_PINGS: usize = 1024;

/// Numbers and times of the pings written and not answered, oldest first.
#[derive(Debug, Default)]
pub(super) struct Pings(VecDeque<(u64, Instant)>);

impl Pings {
    /// A ping with this number was written.
    pub(super) fn written(&mut self, number: u64, at: Instant) {
        if self.0.len() == MAX_PINGS {
            self.0.pop_front();
        }
        self.0.push_back((number, at));
    }

    /// When the first of those that are awaited was written.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.0.front().map(|(_, written)| *written)
    }

    /// The time since the ping that `payload` answers; that ping and all before it are settled, since a
    /// peer may answer only the newest (RFC 6455 section 5.5.3).
    pub(super) fn answered(&mut self, payload: &[u8], at: Instant) -> Option<Duration> {
        let number: u64 = std::str::from_utf8(payload).ok()?.parse().ok()?;
        let index = self.0.iter().position(|(known, _)| *known == number)?;
        let (_, written) = self.0.drain(..=index).next_back()?;
        Some(at.saturating_duration_since(written))
    }
}
