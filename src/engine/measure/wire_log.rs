//! Which connections of a run are shown to a person.

use std::sync::Arc;

use super::Metering;
use crate::socket::ws::wire_log::TapLog;

impl Metering {
    /// Shows what passes on the first `connections` that are made from now on.
    pub fn tap_connections(&self, connections: u32) {
        // Asked for once, before the run.
        let _ = self.taps.set(Arc::new(TapLog::new(connections)));
    }

    /// What was shown, if anybody wants to see it.
    pub fn taps(&self) -> Option<&Arc<TapLog>> {
        self.taps.get()
    }
}
