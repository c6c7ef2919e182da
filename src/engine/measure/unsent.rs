//! What was handed over for sending and never left: it shows, or all that was sent would seem to have arrived.

use super::ConnectionMeter;
use super::tcp::TcpConnectionMeter;
use crate::metrics::{Recorder, builtin};

impl ConnectionMeter {
    /// The session is over, and so many data messages that it had taken were not written. Recorded for a VU that
    /// is cut as well.
    pub fn unsent(&self, recorder: &mut Recorder, messages: usize) {
        if messages > 0 {
            let metric = builtin::WS_MSGS_UNSENT;
            let series = self.metering.catalog().series(metric, &self.tags);
            recorder.of(|| self.vu.metadata());
            recorder.add(series, messages as f64);
        }
    }
}

impl TcpConnectionMeter {
    /// The connection is over, and so many writes that it had taken were not done. Recorded for a VU that is cut
    /// as well.
    pub fn unsent(&self, recorder: &mut Recorder, writes: u64) {
        let metric = builtin::TCP_WRITES_UNSENT;
        let series = self.metering.catalog().series(metric, &self.tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, writes as f64);
    }
}
