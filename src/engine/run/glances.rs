//! How often the numbers are looked at for who watches: as often as it costs next to nothing.
//!
//! Percentiles of many exact values take up to a millisecond, and whoever draws a terminal asks ten times a second.
//! So a look is taken again only when a hundred times of what it took has passed.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

/// Of the time of the VU thread: one part in so many.
const SHARE: u32 = 100;

/// The last look.
#[derive(Debug, Default)]
pub(super) struct Glances(Option<Seen>);

#[derive(Debug)]
struct Seen {
    at: Instant,
    cost: Duration,
    what: Value,
}

impl Glances {
    /// What was seen last, if it is not yet time to look again.
    pub(super) fn seen(&self, now: Instant) -> Option<&Value> {
        let seen = self.0.as_ref()?;
        let is_fresh = now.saturating_duration_since(seen.at) < seen.cost * SHARE;
        is_fresh.then_some(&seen.what)
    }

    /// Keeps what was seen from one instant to another.
    pub(super) fn keep(&mut self, began: Instant, ended: Instant, what: Value) {
        let cost = ended.saturating_duration_since(began);
        self.0 = Some(Seen {
            at: ended,
            cost,
            what,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_is_looked_at_rarely() {
        let ms = Duration::from_millis;
        let began = crate::clock::now();
        let mut glances = Glances::default();
        assert!(glances.seen(began).is_none());
        glances.keep(began, began + ms(5), "seen".into());
        assert!(glances.seen(began + ms(504)).is_some());
        assert!(glances.seen(began + ms(505)).is_none());
    }
}
