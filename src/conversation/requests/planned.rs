//! Since when a request was planned, where a timetable said so: of the first one of each such iteration.
//!
//! It lies beside the requests, of which most have no plan.

use std::collections::HashMap;

use super::id::RequestId;
use crate::clock::Instant;

#[derive(Debug, Default)]
pub(super) struct Plans(HashMap<RequestId, Instant>);

impl Plans {
    pub(super) fn add(&mut self, id: RequestId, planned: Instant) {
        self.0.insert(id, planned);
    }

    pub(super) fn take(&mut self, id: RequestId) -> Option<Instant> {
        if self.0.is_empty() {
            return None;
        }
        self.0.remove(&id)
    }
}
