//! How long the messages of a WebSocket are: `ws_msg_size`, which is recorded only where a threshold names it.
//!
//! One sample beside each that counts a message, at the same time and with the same tags, so that both agree.

use std::sync::OnceLock;

use super::ConnectionSeries;
use crate::clock::Instant;
use crate::conversation::rules::Ruled;
use crate::engine::measure::ws_series::SizeSeries;
use crate::metrics::{Recorder, Series, builtin};

impl ConnectionSeries {
    #[cold]
    pub(super) fn add_size_received(
        &self,
        sizes: &SizeSeries,
        recorder: &mut Recorder,
        at: Instant,
        bytes: usize,
        ruled: Option<Ruled>,
    ) {
        let series = self.of_size(&sizes.received, "received", ruled);
        recorder.of(|| self.vu.metadata());
        recorder.add_at(series, bytes as f64, at);
    }

    #[cold]
    pub(super) fn add_sizes_sent(
        &self,
        sizes: &SizeSeries,
        recorder: &mut Recorder,
        messages: impl Iterator<Item = usize>,
        ruled: Option<Ruled>,
    ) {
        let series = self.of_size(&sizes.sent, "sent", ruled);
        for bytes in messages {
            recorder.of(|| self.vu.metadata());
            recorder.add(series, bytes as f64);
        }
    }

    fn of_size(
        &self,
        known: &[OnceLock<Series>; 4],
        direction: &str,
        ruled: Option<Ruled>,
    ) -> Series {
        let position = ruled.map_or(0, |ruled| 1 + ruled as usize);
        *known[position].get_or_init(|| {
            let mut tags = self.series.tags.with("direction", direction);
            if let Some(ruled) = ruled {
                tags = tags.with("rule", ruled.as_str());
            }
            self.metrics.catalog().series(builtin::WS_MSG_SIZE, &tags)
        })
    }
}
