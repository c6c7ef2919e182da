//! The only reader of time.
//!
//! Everything that asks what time it is asks here, so that a test can pause the clock (tokio's paused
//! time) and no test has to sleep. Durations are differences of [`Instant`]s: monotonic, never the wall
//! clock.

pub use tokio::time::Instant;

/// The present instant, or the paused one inside a test that paused time.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Instant {
    Instant::now()
}
