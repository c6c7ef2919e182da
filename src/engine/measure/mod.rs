//! What each built-in metric means: facts become samples here and nowhere else.
//!
//! | metric | one sample for |
//! | --- | --- |
//! | `ws_sessions`, `ws_connecting` | each attempt, when its handshake ended, failed ones too |
//! | `ws_dns`, `ws_tcp`, `ws_tls`, `ws_upgrade` | each attempt that reached that phase: together `ws_connecting` |
//! | `ws_session_duration` | each attempt: until no more messages could come; a failed one when it failed |
//! | `ws_msgs_sent`, `ws_msgs_unsent` | each data message whose last byte the operating system took, or never did |
//! | `ws_msgs_received` | each data message, when it arrived |
//! | `ws_msgs_dropped` | each data message that arrived and no handler was given |
//! | `ws_msgs_unhandled` | each data message for which there was no handler, when the session ends |
//! | `ws_paused` | each time a connection is not read because the script is too far behind |
//! | `ws_active` | each session that opens or ends: how many are open now |
//! | `ws_closes` | each session, when no more messages can come, with its close `code` |
//! | `ws_connect_failed` | each attempt that led to no session, with its `error`: `cut` where nobody waited for it |
//! | `ws_ping` | each of our pings that was answered, from its write to its pong |
//! | `iterations`, `iteration_duration`, `iteration_failed` | each iteration that was not cut |
//! | `data_sent`, `data_received` | each iteration: bytes below TLS, handshakes included |
//! | `iteration_lateness` | each iteration that an arrival rate started, when it began |
//! | `vu_loop_lag`, `driver_lag` | each event for a handler, when its batch had been handled |
//! | `vus`, `vus_max`, `generator_cpu` | each second |
//! | `tcp_*` | see [`tcp`] |
//!
//! After a VU is cut only what tells of its attempts, its sessions' ends and of `data_*` is still recorded. The `url`
//! tag has neither query nor credentials: a token in each URL would be a series in each, and a secret in every output.

mod account;
mod catalog;
mod custom;
mod ends;
mod failures;
mod lateness;
mod peer_text;
pub mod tcp;
mod totals;
mod unsent;
mod url;
mod wire_log;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

pub use account::VuAccount;
pub use catalog::Catalog;
pub use ends::{End, Ends};
pub use failures::{Failure, Failures};
pub use lateness::{LATE, Lateness, Share};
pub use totals::Totals;

use crate::clock::{self, Instant};
use crate::metrics::{
    MetricId, Recorder, Registry, SampleLog, Series, SeriesTable, SystemTag, SystemTags, TagSet,
    builtin,
};
use crate::socket::dial::phases::Spans;
use crate::socket::dial::routes::Routes;
use crate::socket::tls::{RunTls, TlsDefaults};
use crate::socket::ws::upgrade::Answer;
use crate::socket::ws::wire_log::TapLog;

/// The numbers of one run.
#[derive(Debug)]
pub struct Metering {
    catalog: Mutex<Catalog>,
    script: Mutex<Recorder>,
    active: AtomicU32,
    /// The series of `ws_active`.
    active_series: Series,
    routes: Arc<Routes>,
    tls: RunTls,
    totals: Mutex<Totals>,
    taps: OnceLock<Arc<TapLog>>,
    lateness: Arc<Lateness>,
}

impl Metering {
    /// Nothing measured yet.
    pub fn new(
        system_tags: SystemTags,
        run_tags: &TagSet,
        routes: Routes,
        tls: TlsDefaults,
    ) -> Self {
        let mut catalog = Catalog {
            registry: Registry::new(),
            series: SeriesTable::new(),
            system_tags,
        };
        let active_series = catalog.series(builtin::WS_ACTIVE, run_tags);
        Self {
            catalog: Mutex::new(catalog),
            script: Mutex::default(),
            active: AtomicU32::new(0),
            active_series,
            routes: Arc::new(routes),
            tls: RunTls::new(tls),
            totals: Mutex::default(),
            taps: OnceLock::new(),
            lateness: Arc::default(),
        }
    }

    /// How much came late.
    pub fn lateness(&self) -> &Arc<Lateness> {
        &self.lateness
    }

    /// The ways of the connections of the run.
    pub fn routes(&self) -> &Arc<Routes> {
        &self.routes
    }

    /// What the run says of TLS.
    pub fn tls(&self) -> &RunTls {
        &self.tls
    }

    /// Names and tags.
    pub fn catalog(&self) -> MutexGuard<'_, Catalog> {
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was added up, without what recorders still hold: see [`Metering::collect`].
    pub fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a value of a series from the VU thread.
    pub fn add(&self, of: &VuAccount, series: Series, value: f64) {
        let mut script = self.script();
        script.of(|| of.metadata());
        script.add(series, value);
    }

    /// Records a value from the VU thread that belongs to no VU.
    pub fn record(&self, metric: MetricId, tags: &TagSet, value: f64) {
        let series = self.catalog().series(metric, tags);
        self.script().add(series, value);
    }

    /// Records a value of a VU from the VU thread.
    pub fn record_of(&self, vu: &VuAccount, metric: MetricId, tags: &TagSet, value: f64) {
        let series = self.catalog().series(metric, tags);
        self.add(vu, series, value);
    }

    /// An attempt that failed before anything was dialled: it counts like any other.
    pub fn never_dialled(&self, meter: &Meter, cause: &'static str) {
        let now = clock::now();
        let mut recorder = self.script();
        let attempt =
            ConnectionMeter::handshake_ended(meter, &mut recorder, &Spans::none(now), None, None);
        attempt.refused(&mut recorder, cause);
        attempt.ended(&mut recorder, now);
        drop(recorder);
        self.refused(cause, None, || {
            Failure::new(meter.failure("malformed URL"), "")
        });
    }

    /// Adds up what the recorders hold: the driver's, which the caller brings, then the script's.
    pub fn collect(&self, driver: &mut Recorder) {
        // Everywhere in this order: the recorder, the catalog, the totals.
        let mut script = self.script();
        let catalog = self.catalog();
        let mut totals = self.totals();
        totals.take(&catalog.series, driver);
        totals.take(&catalog.series, &mut script);
    }

    /// Records one result of a check made in `group`, with the tags it was made under.
    pub fn check(&self, of: &VuAccount, group: &str, tags: &TagSet, name: &str, is_passed: bool) {
        self.totals().checks.record(group, name, is_passed);
        let tagged = self.catalog().tag(tags, SystemTag::Check, name);
        self.record_of(of, builtin::CHECKS, &tagged, f64::from(u8::from(is_passed)));
    }

    /// Has the VU thread's recorder keep single samples, or no longer; what it kept is handed over.
    pub fn log_samples(&self, log: Option<SampleLog>) {
        self.script().log_samples(log);
    }

    /// Passes on the single samples that the VU thread's recorder kept.
    pub fn hand_over(&self) {
        self.script().hand_over();
    }

    fn script(&self) -> MutexGuard<'_, Recorder> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who measures a connection that is about to be made.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The run.
    pub metering: Arc<Metering>,
    /// The VU that makes it.
    pub vu: Arc<VuAccount>,
    /// The tags of the VU and of the call.
    pub tags: TagSet,
    /// The URL as the script gave it.
    pub url: Arc<str>,
    /// Whether it carries the tag `name`, which is the URL unless the script sets it: k6's `websockets` only.
    pub is_named: bool,
}

impl Meter {
    /// What happened to it, for the summary.
    pub fn failure(&self, text: &str) -> String {
        format!("{}: {text}", url::for_tag(&self.url))
    }
}

/// The series of one connection; its tags are settled when the handshake has ended.
#[derive(Clone, Debug)]
pub struct ConnectionMeter {
    metering: Arc<Metering>,
    vu: Arc<VuAccount>,
    started: Instant,
    tags: TagSet,
    duration: Series,
    received: Series,
    sent: Series,
    ping: Series,
    dropped: Series,
    paused: Series,
}

impl ConnectionMeter {
    /// The handshake ended, with an answer or without: records the attempt.
    pub fn handshake_ended(
        meter: &Meter,
        recorder: &mut Recorder,
        spans: &Spans,
        answer: Option<&Answer>,
        ip: Option<&str>,
    ) -> Self {
        let now = spans.ended;
        let mut catalog = meter.metering.catalog();
        let mut tags = meter.tags.clone();
        // A user's `name` stands for the URL as well: the cure for one series per URL.
        let url = tags
            .get("name")
            .map_or_else(|| url::for_tag(&meter.url).into_owned(), str::to_owned);
        tags = catalog.tag(&tags, SystemTag::Url, &url);
        if meter.is_named {
            tags = catalog.tag(&tags, SystemTag::Name, &url);
        }
        if let Some(answer) = answer {
            tags = catalog.tag(&tags, SystemTag::Status, &answer.status.to_string());
            let subproto = answer.header("Sec-Websocket-Protocol").unwrap_or("");
            tags = catalog.tag(&tags, SystemTag::Subproto, subproto);
        }
        if let Some(ip) = ip {
            tags = catalog.tag(&tags, SystemTag::Ip, ip);
        }
        recorder.of(|| meter.vu.metadata());
        recorder.add_at(catalog.series(builtin::WS_SESSIONS, &tags), 1.0, now);
        if !(meter.vu.is_cut() || spans.is_given_up) {
            for (metric, spent) in [
                (builtin::WS_CONNECTING, Some(spans.total())),
                (builtin::WS_DNS, spans.resolve),
                (builtin::WS_TCP, spans.connect),
                (builtin::WS_TLS, spans.tls),
                (builtin::WS_UPGRADE, spans.upgrade),
            ] {
                if let Some(spent) = spent {
                    let series = catalog.series(metric, &tags);
                    recorder.of(|| meter.vu.metadata());
                    recorder.add_at(series, milliseconds(spent), now);
                }
            }
        }
        Self {
            metering: meter.metering.clone(),
            vu: meter.vu.clone(),
            started: spans.started,
            duration: catalog.series(builtin::WS_SESSION_DURATION, &tags),
            received: catalog.series(builtin::WS_MSGS_RECEIVED, &tags),
            sent: catalog.series(builtin::WS_MSGS_SENT, &tags),
            ping: catalog.series(builtin::WS_PING, &tags),
            dropped: catalog.series(builtin::WS_MSGS_DROPPED, &tags),
            paused: catalog.series(builtin::WS_PAUSED, &tags),
            tags,
        }
    }

    /// Whether the VU is cut, so that only the end of the session is still recorded.
    pub fn is_cut(&self) -> bool {
        self.vu.is_cut()
    }

    /// A data message arrived.
    pub fn received(&self, recorder: &mut Recorder, at: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.received, 1.0, at);
    }

    /// Data messages were written.
    pub fn sent(&self, recorder: &mut Recorder, messages: u64) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.sent, messages as f64);
    }

    /// A ping was answered.
    pub fn pong(&self, recorder: &mut Recorder, round_trip: Duration, at: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.ping, milliseconds(round_trip), at);
    }

    /// A message arrived that no handler will be given.
    pub fn dropped(&self, recorder: &mut Recorder) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.dropped, 1.0);
    }

    /// So many messages had no handler. Told once for a session: the series is looked up only then.
    pub fn unhandled(&self, recorder: &mut Recorder, messages: f64) {
        let metric = builtin::WS_MSGS_UNHANDLED;
        recorder.of(|| self.vu.metadata());
        recorder.add(self.metering.catalog().series(metric, &self.tags), messages);
    }

    /// The connection is not read any more until the script has caught up.
    pub fn paused(&self, recorder: &mut Recorder, at: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.paused, 1.0, at);
    }

    /// There is a session.
    pub fn opened(&self, recorder: &mut Recorder) {
        self.active(
            recorder,
            self.metering.active.fetch_add(1, Ordering::Relaxed) + 1,
        );
    }

    /// No more messages will come on what was opened.
    pub fn closed(&self, recorder: &mut Recorder, code: u16, cause: Option<&'static str>) {
        let mut catalog = self.metering.catalog();
        let mut tags = self.tags.with("code", &code.to_string());
        if let Some(cause) = cause {
            tags = catalog.tag(&tags, SystemTag::ErrorCode, cause);
        }
        let series = catalog.series(builtin::WS_CLOSES, &tags);
        drop(catalog);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
        self.active(
            recorder,
            self.metering.active.fetch_sub(1, Ordering::Relaxed) - 1,
        );
    }

    fn active(&self, recorder: &mut Recorder, sessions: u32) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.metering.active_series, f64::from(sessions));
    }

    /// There is no session.
    pub fn refused(&self, recorder: &mut Recorder, cause: &str) {
        let mut catalog = self.metering.catalog();
        let tags = self.tags.with("error", cause);
        let tags = catalog.tag(&tags, SystemTag::ErrorCode, cause);
        let series = catalog.series(builtin::WS_CONNECT_FAILED, &tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
    }

    /// The session is over.
    pub fn ended(&self, recorder: &mut Recorder, now: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.duration, milliseconds(now - self.started), now);
    }
}

/// What time metrics are measured in.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
