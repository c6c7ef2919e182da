//! What the `*_req_*` metrics mean: what came of the requests of one connection becomes samples.
//!
//! | metric (`ws_` or `tcp_`) | one sample for |
//! | --- | --- |
//! | `reqs` | each request, when it is made |
//! | `req_duration`, `req_blocked` | each that was answered rightly |
//! | `req_planned_duration` | each of those that an arrival rate planned: the first of its iteration |
//! | `req_first_duration`, `req_stall` | each whose reply came in several messages; `req_gap`: each pause between two of them |
//! | `req_failed` | each request, when it has its outcome: 0, or 1 with the tag `error` |
//! | `req_late` | each reply to a request that had timed out |
//! | `deliveries`, `delivery_*` | see [`super::deliveries`] |
//!
//! Made = answered + failed: a request whose VU is cut is recorded as well.

use std::sync::Arc;
use std::time::Duration;

use super::account::VuAccount;
use super::deliveries::{self, DeliveryMetrics, DeliverySeries, Samples};
use super::milliseconds;
use super::run_metrics::RunMetrics;
use crate::clock::Instant;
use crate::conversation::delivered::Delivery;
use crate::conversation::requests::{Answer, Failure};
use crate::metrics::{MetricId, Recorder, Series, TagSet, builtin};

/// Which metrics: those of `WebSockets` or those of TCP.
#[derive(Debug)]
pub struct RequestMetrics {
    made: MetricId,
    duration: MetricId,
    planned: MetricId,
    blocked: MetricId,
    first: MetricId,
    gap: MetricId,
    stall: MetricId,
    failed: MetricId,
    late: MetricId,
    deliveries: &'static DeliveryMetrics,
}

/// Those of `WebSockets`.
pub static WS: RequestMetrics = RequestMetrics {
    made: builtin::WS_REQS,
    duration: builtin::WS_REQ_DURATION,
    planned: builtin::WS_REQ_PLANNED_DURATION,
    blocked: builtin::WS_REQ_BLOCKED,
    first: builtin::WS_REQ_FIRST_DURATION,
    gap: builtin::WS_REQ_GAP,
    stall: builtin::WS_REQ_STALL,
    failed: builtin::WS_REQ_FAILED,
    late: builtin::WS_REQ_LATE,
    deliveries: &deliveries::WS,
};

/// Those of TCP.
pub static TCP: RequestMetrics = RequestMetrics {
    made: builtin::TCP_REQS,
    duration: builtin::TCP_REQ_DURATION,
    planned: builtin::TCP_REQ_PLANNED_DURATION,
    blocked: builtin::TCP_REQ_BLOCKED,
    first: builtin::TCP_REQ_FIRST_DURATION,
    gap: builtin::TCP_REQ_GAP,
    stall: builtin::TCP_REQ_STALL,
    failed: builtin::TCP_REQ_FAILED,
    late: builtin::TCP_REQ_LATE,
    deliveries: &deliveries::TCP,
};

/// As what the requests of one connection are recorded.
#[derive(Debug)]
pub struct RequestSeries {
    metrics: Arc<RunMetrics>,
    vu: Arc<VuAccount>,
    tags: TagSet,
    of: &'static RequestMetrics,
    names: Vec<Named>,
    late: Option<Series>,
    deliveries: DeliverySeries,
}

/// The series of the requests with one name.
#[derive(Debug)]
struct Named {
    tags: TagSet,
    made: Series,
    duration: Series,
    blocked: Series,
    answered: Series,
    /// Looked up when the first of them was planned, fails, or has a reply of several messages.
    planned: Option<Series>,
    failed: [Option<Series>; Failure::ALL.len()],
    spread: Option<[Series; 3]>,
}

impl RequestSeries {
    /// For a connection whose samples have these tags.
    pub fn new(
        metrics: Arc<RunMetrics>,
        vu: Arc<VuAccount>,
        tags: TagSet,
        of: &'static RequestMetrics,
    ) -> Self {
        Self {
            metrics,
            vu,
            tags,
            of,
            names: Vec::new(),
            late: None,
            deliveries: DeliverySeries::default(),
        }
    }

    /// The number of a name, which is used from now on.
    pub fn add_name(&mut self, name: &str) -> u32 {
        let tags = self.tags.with("name", name);
        let mut catalog = self.metrics.catalog();
        let named = Named {
            made: catalog.series(self.of.made, &tags),
            duration: catalog.series(self.of.duration, &tags),
            blocked: catalog.series(self.of.blocked, &tags),
            answered: catalog.series(self.of.failed, &tags),
            planned: None,
            failed: [None; Failure::ALL.len()],
            spread: None,
            tags,
        };
        drop(catalog);
        self.names.push(named);
        u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
    }

    /// One was made, on the VU thread.
    pub fn made(&self, name: u32) {
        if let Some(named) = self.names.get(name as usize) {
            self.metrics.add(&self.vu, named.made, 1.0);
        }
    }

    /// One was answered, rightly.
    pub fn answered(&mut self, recorder: &mut Recorder, name: u32, answer: &Answer, at: Instant) {
        let Some(named) = self.names.get(name as usize) else {
            return;
        };
        for (series, value) in [
            (named.duration, milliseconds(answer.took)),
            (named.blocked, milliseconds(answer.blocked)),
            (named.answered, 0.0),
        ] {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(series, value, at);
        }
        if let Some((first, stall)) = answer.spread {
            let [first_series, _, stall_series] = self.spread(name);
            recorder.of(|| self.vu.metadata());
            recorder.add_at(first_series, milliseconds(first), at);
            recorder.of(|| self.vu.metadata());
            recorder.add_at(stall_series, milliseconds(stall), at);
        }
    }

    /// When the iteration was to begin that is under way, for its first request.
    pub fn take_plan(&self) -> Option<Instant> {
        self.vu.take_plan()
    }

    /// That request was not sent.
    pub fn give_back_plan(&self, planned: Instant) {
        self.vu.give_back_plan(planned);
    }

    /// One that was answered took so long from the instant at which a timetable had it made.
    pub fn planned(&mut self, recorder: &mut Recorder, name: u32, took: Duration, at: Instant) {
        let (metrics, metric) = (&self.metrics, self.of.planned);
        let Some(named) = self.names.get_mut(name as usize) else {
            return;
        };
        let tags = &named.tags;
        let series = *named
            .planned
            .get_or_insert_with(|| metrics.catalog().series(metric, tags));
        recorder.of(|| self.vu.metadata());
        recorder.add_at(series, milliseconds(took), at);
    }

    /// So long a pause lay between two messages of a reply.
    pub fn gap(&mut self, recorder: &mut Recorder, name: u32, gap: Duration, at: Instant) {
        if (name as usize) < self.names.len() {
            let [_, series, _] = self.spread(name);
            recorder.of(|| self.vu.metadata());
            recorder.add_at(series, milliseconds(gap), at);
        }
    }

    fn spread(&mut self, name: u32) -> [Series; 3] {
        let named = &mut self.names[name as usize];
        *named.spread.get_or_insert_with(|| {
            let mut catalog = self.metrics.catalog();
            [self.of.first, self.of.gap, self.of.stall]
                .map(|metric| catalog.series(metric, &named.tags))
        })
    }

    /// One has failed. Recorded for a VU that is cut as well.
    pub fn failed(&mut self, recorder: &mut Recorder, name: u32, why: Failure, at: Instant) {
        let Some(named) = self.names.get_mut(name as usize) else {
            return;
        };
        let series = *named.failed[why as usize].get_or_insert_with(|| {
            let tags = named.tags.with("error", why.as_str());
            self.metrics.catalog().series(self.of.failed, &tags)
        });
        recorder.of(|| self.vu.metadata());
        recorder.add_at(series, 1.0, at);
    }

    /// A reply came too late.
    pub fn late(&mut self, recorder: &mut Recorder, at: Instant) {
        let (metrics, tags, metric) = (&self.metrics, &self.tags, self.of.late);
        let series = *self
            .late
            .get_or_insert_with(|| metrics.catalog().series(metric, tags));
        recorder.of(|| self.vu.metadata());
        recorder.add_at(series, 1.0, at);
    }

    /// A push came.
    pub fn delivered(
        &mut self,
        recorder: &mut Recorder,
        name: &Arc<str>,
        delivery: Delivery,
        at: Instant,
    ) {
        let of = self.of.deliveries;
        let (metrics, tags) = (&self.metrics, &self.tags);
        let samples = self.deliveries.delivered(name, delivery, of, metrics, tags);
        self.add_all(recorder, samples, at);
    }

    /// So many pushes never came.
    pub fn lost(&mut self, recorder: &mut Recorder, name: &Arc<str>, lost: u64, at: Instant) {
        let of = self.of.deliveries;
        let (metrics, tags) = (&self.metrics, &self.tags);
        let samples = self.deliveries.lost(name, lost, of, metrics, tags);
        self.add_all(recorder, samples, at);
    }

    fn add_all(&self, recorder: &mut Recorder, samples: Samples, at: Instant) {
        for (series, value) in samples.into_iter().flatten() {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(series, value, at);
        }
    }

    /// A check of a reply was made.
    pub fn check(&mut self, recorder: &mut Recorder, name: &str, is_passed: bool) {
        let series = self.metrics.checked("", &self.tags, name, is_passed);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, f64::from(u8::from(is_passed)));
    }

    /// Records on the VU thread.
    pub fn on_vu_thread(&mut self, record: impl FnOnce(&mut Self, &mut Recorder)) {
        let metrics = self.metrics.clone();
        record(self, &mut metrics.script());
    }
}
