//! Offsets from the start of a scenario.

use std::time::Duration;

/// An offset in whole nanoseconds, computed with room to spare.
pub(super) fn nanos(nanos: u128) -> Duration {
    u64::try_from(nanos).map_or(Duration::MAX, Duration::from_nanos)
}
