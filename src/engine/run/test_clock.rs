//! The test clock: how long the test lasts, setup and teardown included.
//!
//! Rates of counters, `delayAbortEval` and the duration in the summary are on it. When iterations start is
//! not: scenarios count from the end of setup.

use std::time::Duration;

use super::{Run, State};
use crate::clock;

impl Run {
    /// The test clock starts, before setup.
    pub fn start_clock(&self) {
        self.state().clock_started.get_or_insert_with(clock::now);
    }
}

impl State {
    /// How long the test lasts so far, or lasted.
    pub(super) fn test_time(&self) -> Duration {
        let Some(started) = self.clock_started else {
            return Duration::ZERO;
        };
        self.ended.unwrap_or_else(clock::now) - started
    }
}
