//! What a connection told, for tests: its events and its samples, each list in order and with the time since it began.
//!
//! It stands where a run and a script stand otherwise. Meant for a paused clock: then times are exact.

use std::collections::VecDeque;
use std::sync::Arc;

use super::measure::{RunMetrics, VuAccount};
use super::runtime::mailbox::{Batch, Event, Payload, ReceiverId};
use super::runtime::shared::Shared;
use crate::clock::{self, Instant};
use crate::metrics::{SampleLog, SampleQueue, SystemTags, TagSet, Taken};
use crate::report::Failures;
use crate::socket::queue::Flush;

/// A loop and a run without either, and all that they are told.
pub(super) struct Ledger {
    pub(super) shared: Arc<Shared>,
    pub(super) metrics: Arc<RunMetrics>,
    /// VU 7, in its third iteration.
    pub(super) vu: Arc<VuAccount>,
    samples: Arc<SampleQueue>,
    began: Instant,
}

impl Ledger {
    /// Empty; its clock begins now.
    pub(super) fn new() -> Self {
        let names = [
            "url",
            "status",
            "subproto",
            "ip",
            "error_code",
            "vu",
            "iter",
        ];
        let tags = SystemTags::parse(&names).unwrap();
        let shared = Arc::new(Shared::default());
        let samples = Arc::new(SampleQueue::default());
        let log = SampleLog::new([samples.clone()].into(), tags);
        shared.record(|recorder| recorder.log_samples(Some(log)));
        let vu = VuAccount::of_vu(7);
        vu.begin(2, None);
        Self {
            shared,
            metrics: Arc::new(RunMetrics::new(tags, &TagSet::new())),
            vu: Arc::new(vu),
            samples,
            began: clock::now(),
        }
    }

    /// The samples since this was last asked: `60 ms: ws_sessions 1 status=101 (7/2)`. Whose each is stands last.
    pub(super) fn samples(&self) -> Vec<String> {
        self.shared.record(crate::metrics::Recorder::hand_over);
        let catalog = self.metrics.catalog();
        let mut told = Vec::new();
        while let Taken::Samples(chunk) = self.samples.take(Some(std::time::Duration::ZERO)) {
            for sample in chunk.iter() {
                let metric = catalog.registry.get(catalog.series.metric(sample.series));
                let mut words = vec![metric.name.to_string(), sample.value.to_string()];
                let tags = catalog.series.tags(sample.series).iter();
                words.extend(tags.map(|(key, value)| format!("{key}={value}")));
                if let (Some(vu), Some(iteration)) = (sample.metadata.vu, sample.metadata.iteration)
                {
                    words.push(format!("({vu}/{iteration})"));
                }
                told.push(self.at(sample.at, &words.join(" ")));
            }
        }
        told
    }

    /// The events since this was last asked, handed out: `60 ms: 3 Text hello`. The receiver stands in front.
    pub(super) fn events(&self) -> Vec<String> {
        let (mut batch, mut events) = (Batch::default(), VecDeque::new());
        self.shared
            .post(|arrivals| arrivals.mailbox.take(&mut batch, &mut events));
        let told = events.iter().map(|event| {
            let what = payload(&batch, event);
            let kind = event.kind;
            self.at(event.at, &format!("{} {kind:?}{what}", event.receiver))
        });
        told.collect()
    }

    /// Messages that were handed out are with the script; the queue to flush, if one waited for that.
    pub(super) fn delivered(
        &self,
        receiver: ReceiverId,
        messages: u32,
        bytes: usize,
    ) -> Option<Arc<dyn Flush>> {
        let mut waiting = None;
        self.shared.post(|arrivals| {
            waiting = arrivals.mailbox.delivered(receiver, messages, bytes);
        });
        waiting
    }

    /// What the summary will say of connections that were not made.
    pub(super) fn refusals(&self) -> Vec<String> {
        failures(&self.metrics.totals().refusals)
    }

    /// What it will say of connections that broke.
    pub(super) fn breaks(&self) -> Vec<String> {
        failures(&self.metrics.totals().breaks)
    }

    /// What it will say of sessions that did not end in order.
    pub(super) fn ends(&self) -> Vec<String> {
        let totals = self.metrics.totals();
        let told = totals.ends.iter().map(|(end, count)| {
            let (code, by) = (end.code, end.by.as_str());
            format!(
                "{count} x {code} by {by}: {}",
                end.reason.as_deref().unwrap_or("?")
            )
        });
        told.collect()
    }

    fn at(&self, at: Instant, what: &str) -> String {
        format!("{} ms: {what}", (at - self.began).as_millis())
    }
}

fn payload(batch: &Batch, event: &Event) -> String {
    match &event.payload {
        Payload::None | Payload::Failure(None) => String::new(),
        Payload::Inline { .. } | Payload::Owned(_) => {
            let bytes = batch.bytes(&event.payload);
            format!(" {}", String::from_utf8_lossy(bytes))
        }
        Payload::Number(number) => format!(" {number}"),
        Payload::Failure(Some(error)) => format!(" ({error})"),
        Payload::Closed(how) => match &**how {
            (status, Some(error)) => format!(" {} {} ({error})", status.code, status.reason),
            (status, None) => format!(" {} {}", status.code, status.reason),
        },
        Payload::WriteFailed(how) => {
            let (writes, partial, error) = &**how;
            format!(" {writes} from byte {partial} ({error})")
        }
        other => format!(" {other:?}"),
    }
}

fn failures(failures: &Failures) -> Vec<String> {
    let told = failures.iter().map(|(cause, status, failure)| {
        let (count, first, hint) = (failure.count, &failure.first, &failure.hint);
        let status = status
            .map(|status| format!(" {status}"))
            .unwrap_or_default();
        format!(
            "{count} x {cause}{status}: {first} ({hint}){}",
            failure.body
        )
    });
    told.collect()
}
