//! The only reader of time.
//!
//! Everything that asks what time it is asks here, so that a test can pause the clock (tokio's paused
//! time) and no test has to sleep. Durations are differences of [`Instant`]s: monotonic, never the wall
//! clock. The wall clock only gives events and samples a date.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

pub use tokio::time::Instant;

/// The present instant, or the paused one inside a test that paused time.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Instant {
    Instant::now()
}

/// Time since 1970 by the wall clock, which may be set at any moment.
pub fn since_1970() -> Duration {
    let date = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    date.unwrap_or_default()
}

/// Time since 1970 at `at`, which is not long ago, by the wall clock as it is now: what the clock of another program is
/// compared with.
pub fn date_of(at: Instant) -> Duration {
    since_1970().saturating_sub(now().saturating_duration_since(at))
}

/// Milliseconds since 1970 at `at`; a clock that is set meanwhile does not make later events earlier.
pub fn epoch_milliseconds(at: Instant) -> f64 {
    static BASE: OnceLock<(Instant, Duration)> = OnceLock::new();
    let (base, date) = BASE.get_or_init(|| (now(), since_1970()));
    let date = date.as_secs_f64() * 1000.0;
    match at.checked_duration_since(*base) {
        Some(after) => date + after.as_secs_f64() * 1000.0,
        None => date - (*base - at).as_secs_f64() * 1000.0,
    }
}
