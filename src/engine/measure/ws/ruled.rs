//! What rules take and send of one connection, told apart from the rest by the tag `rule`.

use super::ConnectionSeries;
use crate::clock::Instant;
use crate::conversation::rules::Ruled;
use crate::metrics::{MetricId, Recorder, Series, TagSet, builtin};
use crate::socket::ws::fact::Written;

impl ConnectionSeries {
    /// A data message of so many bytes arrived that this kind of rule has taken, or none.
    pub fn received_by(
        &self,
        recorder: &mut Recorder,
        at: Instant,
        bytes: usize,
        ruled: Option<Ruled>,
    ) {
        let Some(ruled) = ruled else {
            return self.received(recorder, at, bytes);
        };
        let series = *self.series.ruled[ruled as usize]
            .get_or_init(|| self.of_rule(builtin::WS_MSGS_RECEIVED, ruled));
        recorder.of(|| self.vu.metadata());
        recorder.add_at(series, 1.0, at);
        if let Some(sizes) = &self.series.sizes {
            self.add_size_received(sizes, recorder, at, bytes, Some(ruled));
        }
    }

    fn of_rule(&self, metric: MetricId, ruled: Ruled) -> Series {
        let tags = self.series.tags.with("rule", ruled.as_str());
        self.metrics.catalog().series(metric, &tags)
    }

    fn answers_of(&self, tags: &TagSet) -> Series {
        self.metrics
            .catalog()
            .series(builtin::WS_AUTO_REPLIES, tags)
    }

    /// Data messages were written with which rules answer.
    pub fn answered(&self, recorder: &mut Recorder, messages: u64, written: Written<'_>) {
        let all = self.series.answers.get_or_init(|| {
            let sent = self.of_rule(builtin::WS_MSGS_SENT, Ruled::Auto);
            [sent, self.answers_of(&self.series.tags)]
        });
        let [sent, by_core] = *all;
        recorder.of(|| self.vu.metadata());
        recorder.add(sent, messages as f64);
        let by_script = written.answers_by_script();
        if messages > by_script {
            recorder.of(|| self.vu.metadata());
            recorder.add(by_core, (messages - by_script) as f64);
        }
        if by_script > 0 {
            // Each of them has cost far more than to look this up.
            let series = self.answers_of(&self.series.tags.with("kind", "python"));
            recorder.of(|| self.vu.metadata());
            recorder.add(series, by_script as f64);
        }
        if let Some(sizes) = &self.series.sizes {
            self.add_sizes_sent(sizes, recorder, written.answers(), Some(Ruled::Auto));
        }
    }
}
