//! What the `ws_*` metrics mean: the facts of one connection become samples.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::account::VuAccount;
use super::catalog::Catalog;
use super::ends::worth_telling;
use super::peer_text::{first_line, shown};
use super::requests::{self, RequestSeries};
use super::run_metrics::RunMetrics;
use super::ws_series::{Alike, SharedSeries};
use super::{milliseconds, url};
use crate::clock::{self, Instant};
use crate::metrics::{MetricId, Recorder, Series, SystemTag, TagSet, builtin};
use crate::report::Failure;
use crate::socket::dial::phases::Spans;
use crate::socket::error::SocketError;
use crate::socket::ws::close::CloseStatus;
use crate::socket::ws::fact::Written;
use crate::socket::ws::upgrade::{Answer, Refused};

mod ruled;
mod sizes;

/// As what the samples of a connection are recorded that is about to be made.
#[derive(Clone, Debug)]
pub struct ConnectionLabels {
    /// The run.
    pub metrics: Arc<RunMetrics>,
    /// The VU that makes it.
    pub vu: Arc<VuAccount>,
    /// The tags of the VU and of the call.
    pub tags: TagSet,
    /// The URL as the script gave it.
    pub url: Arc<str>,
    /// Whether it carries the tag `name`, which is the URL unless the script sets it: k6's `websockets` only.
    pub is_named: bool,
}

impl ConnectionLabels {
    /// Counts an attempt that led to no session.
    pub fn refused(&self, refused: &Refused) {
        let (error, answer) = (&refused.error, refused.answer.as_ref());
        // A server that grants the upgrade wrongly said 101 as well: that tells nothing.
        let status = answer.map(|answer| answer.status);
        let status = status.filter(|status| *status != 101);
        self.metrics
            .refused(error.cause.as_str(), status, || Failure {
                body: first_line(answer.map_or("", |answer| &answer.body)),
                ..Failure::new(self.failure(&error.text), &error.hint)
            });
    }

    /// Counts an attempt that failed before anything was dialled: like any other.
    pub fn never_dialled(&self, cause: &'static str) {
        let now = clock::now();
        let mut recorder = self.metrics.script();
        let attempt =
            ConnectionSeries::handshake_ended(self, &mut recorder, &Spans::none(now), None, None);
        attempt.refused(&mut recorder, cause);
        attempt.ended(&mut recorder, now);
        drop(recorder);
        self.metrics.refused(cause, None, || {
            Failure::new(self.failure("malformed URL"), "")
        });
    }

    /// What happened to it, for the summary.
    fn failure(&self, text: &str) -> String {
        format!("{}: {text}", url::for_tag(&self.url))
    }
}

/// The metrics of the phases of a handshake, the whole first.
const PHASES: [MetricId; 5] = [
    builtin::WS_CONNECTING,
    builtin::WS_DNS,
    builtin::WS_TCP,
    builtin::WS_TLS,
    builtin::WS_UPGRADE,
];

/// A handshake that ended.
#[derive(Debug)]
struct Handshake<'a> {
    labels: &'a ConnectionLabels,
    url: Cow<'a, str>,
    /// Status and subprotocol, where there was an answer.
    answer: Option<(u16, &'a str)>,
    ip: Option<&'a str>,
    /// How long the phases took that are recorded, as in [`PHASES`].
    times: [Option<Duration>; 5],
}

impl<'a> Handshake<'a> {
    fn new(
        labels: &'a ConnectionLabels,
        spans: &Spans,
        answer: Option<&'a Answer>,
        ip: Option<&'a str>,
    ) -> Self {
        // A user's `name` stands for the URL as well: the cure for one series per URL.
        let name = labels.tags.get("name").map(Cow::from);
        let times = if labels.vu.is_cut() || spans.is_given_up {
            [None; 5]
        } else {
            let total = Some(spans.total());
            let Spans {
                resolve,
                connect,
                tls,
                upgrade,
                ..
            } = *spans;
            [total, resolve, connect, tls, upgrade]
        };
        let subproto = |answer: &'a Answer| answer.header("Sec-Websocket-Protocol").unwrap_or("");
        Self {
            labels,
            url: name.unwrap_or_else(|| url::for_tag(&labels.url)),
            answer: answer.map(|answer| (answer.status, subproto(answer))),
            ip,
            times,
        }
    }

    /// Its series, known or looked up.
    fn series(&self, catalog: &mut Catalog) -> Arc<SharedSeries> {
        if let Some(known) = catalog.recent_ws.find(|key, series| self.is(key, series)) {
            return known;
        }
        let series = self.look_up(catalog);
        catalog.recent_ws.keep(self.alike(), series)
    }

    fn is(&self, other: &Alike, series: &SharedSeries) -> bool {
        let answer = other.answer.as_ref();
        self.labels.tags == other.tags
            && self.url == *other.url
            && self.labels.is_named == other.is_named
            && self.answer == answer.map(|(status, subproto)| (*status, &**subproto))
            && self.ip == other.ip.as_deref()
            && self.times.map(|one| one.is_some()) == series.phases.map(|one| one.is_some())
    }

    fn alike(&self) -> Alike {
        Alike {
            tags: self.labels.tags.clone(),
            url: (*self.url).into(),
            is_named: self.labels.is_named,
            answer: self.answer.map(|(status, proto)| (status, proto.into())),
            ip: self.ip.map(Box::from),
        }
    }

    fn look_up(&self, catalog: &mut Catalog) -> SharedSeries {
        let mut tags = catalog.tag(&self.labels.tags, SystemTag::Url, &self.url);
        if self.labels.is_named {
            tags = catalog.tag(&tags, SystemTag::Name, &self.url);
        }
        if let Some((status, subproto)) = self.answer {
            tags = catalog.tag(&tags, SystemTag::Status, &status.to_string());
            tags = catalog.tag(&tags, SystemTag::Subproto, subproto);
        }
        if let Some(ip) = self.ip {
            tags = catalog.tag(&tags, SystemTag::Ip, ip);
        }
        let mut phases = [None; 5];
        for (at, metric) in PHASES.into_iter().enumerate() {
            phases[at] = self.times[at].map(|_| catalog.series(metric, &tags));
        }
        SharedSeries {
            sessions: catalog.series(builtin::WS_SESSIONS, &tags),
            phases,
            duration: catalog.series(builtin::WS_SESSION_DURATION, &tags),
            received: catalog.series(builtin::WS_MSGS_RECEIVED, &tags),
            sent: catalog.series(builtin::WS_MSGS_SENT, &tags),
            sizes: catalog
                .series
                .is_picked(builtin::WS_MSG_SIZE)
                .then(Box::default),
            ping: catalog.series(builtin::WS_PING, &tags),
            dropped: catalog.series(builtin::WS_MSGS_DROPPED, &tags),
            paused: catalog.series(builtin::WS_PAUSED, &tags),
            ruled: [const { OnceLock::new() }; 3],
            answers: OnceLock::new(),
            closes: OnceLock::new(),
            tags,
        }
    }
}

/// As what one connection is recorded; its tags are settled when the handshake has ended.
#[derive(Clone, Debug)]
pub struct ConnectionSeries {
    metrics: Arc<RunMetrics>,
    vu: Arc<VuAccount>,
    started: Instant,
    series: Arc<SharedSeries>,
}

impl ConnectionSeries {
    /// The handshake ended, with an answer or without: records the attempt.
    pub fn handshake_ended(
        labels: &ConnectionLabels,
        recorder: &mut Recorder,
        spans: &Spans,
        answer: Option<&Answer>,
        ip: Option<&str>,
    ) -> Self {
        let now = spans.ended;
        let handshake = Handshake::new(labels, spans, answer, ip);
        let series = handshake.series(&mut labels.metrics.catalog());
        let times = handshake.times.iter().zip(series.phases);
        recorder.of(|| labels.vu.metadata());
        recorder.add_at(series.sessions, 1.0, now);
        for (spent, series) in times.filter_map(|(spent, series)| spent.zip(series)) {
            recorder.of(|| labels.vu.metadata());
            recorder.add_at(series, milliseconds(spent), now);
        }
        Self {
            metrics: labels.metrics.clone(),
            vu: labels.vu.clone(),
            started: spans.started,
            series,
        }
    }

    /// Whether the VU is cut, so that only the end of the session is still recorded.
    pub fn is_cut(&self) -> bool {
        self.vu.is_cut()
    }

    /// As what its requests are recorded.
    pub fn requests(&self) -> RequestSeries {
        let Self {
            metrics,
            vu,
            series,
            ..
        } = self;
        RequestSeries::new(
            metrics.clone(),
            vu.clone(),
            series.tags.clone(),
            &requests::WS,
        )
    }

    /// A data message of so many bytes arrived.
    pub fn received(&self, recorder: &mut Recorder, at: Instant, bytes: usize) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.series.received, 1.0, at);
        if let Some(sizes) = &self.series.sizes {
            self.add_size_received(sizes, recorder, at, bytes, None);
        }
    }

    /// Data messages were written.
    pub fn sent(&self, recorder: &mut Recorder, messages: u64, written: Written<'_>) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.series.sent, messages as f64);
        if let Some(sizes) = &self.series.sizes {
            self.add_sizes_sent(sizes, recorder, written.messages(), None);
        }
    }

    /// A ping was answered.
    pub fn pong(&self, recorder: &mut Recorder, round_trip: Duration, at: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.series.ping, milliseconds(round_trip), at);
    }

    /// A message arrived that no handler will be given.
    pub fn dropped(&self, recorder: &mut Recorder) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.series.dropped, 1.0);
    }

    /// So many messages had no handler. Told once for a session: the series is looked up only then.
    pub fn unhandled(&self, recorder: &mut Recorder, messages: f64) {
        self.rare(recorder, builtin::WS_MSGS_UNHANDLED, messages);
    }

    /// Its session connects again.
    pub fn reconnects(&self, recorder: &mut Recorder) {
        self.rare(recorder, builtin::WS_RECONNECTS, 1.0);
    }

    /// Its session was down for so long.
    pub fn was_down(&self, recorder: &mut Recorder, time: Duration) {
        self.rare(recorder, builtin::WS_DOWNTIME, milliseconds(time));
    }

    fn rare(&self, recorder: &mut Recorder, metric: MetricId, value: f64) {
        let series = self.metrics.catalog().series(metric, &self.series.tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, value);
    }

    /// The connection is not read any more until the script has caught up.
    pub fn paused(&self, recorder: &mut Recorder, at: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.series.paused, 1.0, at);
    }

    /// There is a session.
    pub fn opened(&self, recorder: &mut Recorder) {
        self.active(
            recorder,
            self.metrics.active.fetch_add(1, Ordering::Relaxed) + 1,
        );
    }

    /// No more messages will come on what was opened.
    pub fn closed(&self, recorder: &mut Recorder, code: u16, cause: Option<&'static str>) {
        let series = match self.series.closes.get() {
            Some((of, why, known)) if (*of, *why) == (code, cause) => *known,
            _ => self.closes(code, cause),
        };
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
        self.active(
            recorder,
            self.metrics.active.fetch_sub(1, Ordering::Relaxed) - 1,
        );
    }

    fn closes(&self, code: u16, cause: Option<&'static str>) -> Series {
        let mut catalog = self.metrics.catalog();
        let mut tags = self.series.tags.with("code", &code.to_string());
        if let Some(cause) = cause {
            tags = catalog.tag(&tags, SystemTag::ErrorCode, cause);
        }
        let series = catalog.series(builtin::WS_CLOSES, &tags);
        // The first one stays.
        let _ = self.series.closes.set((code, cause, series));
        series
    }

    fn active(&self, recorder: &mut Recorder, sessions: u32) {
        recorder.of(|| self.vu.metadata());
        recorder.add(self.metrics.active_series, f64::from(sessions));
    }

    /// There is no session.
    pub fn refused(&self, recorder: &mut Recorder, cause: &str) {
        let mut catalog = self.metrics.catalog();
        let tags = self.series.tags.with("error", cause);
        let tags = catalog.tag(&tags, SystemTag::ErrorCode, cause);
        let series = catalog.series(builtin::WS_CONNECT_FAILED, &tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
    }

    /// The session is over.
    pub fn ended(&self, recorder: &mut Recorder, now: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.series.duration, milliseconds(now - self.started), now);
    }
    /// A session is over. `ours` is the code of our Close, if that was on its way before the peer's came.
    pub fn session_ended(&self, status: &CloseStatus, is_error: bool, ours: Option<u16>) {
        if let Some((code, by)) = worth_telling(status.code, is_error, ours) {
            self.metrics
                .totals()
                .ends
                .add(code, by, shown(&status.reason));
        }
    }

    /// What was opened broke.
    pub fn broke(&self, cause: &'static str, text: &str, error: Option<&SocketError>) {
        if !self.is_cut() {
            let whom = self.series.tags.get("url").unwrap_or("websocket");
            let hint = error.map_or("", |error| &error.hint);
            let at = clock::epoch_milliseconds(clock::now());
            self.metrics.totals().breaks.add(cause, None, at, || {
                Failure::new(format!("{whom}: {}", shown(text)), hint)
            });
        }
    }

    /// The session is over, and so many data messages that it had taken were not written: it shows, or all that was
    /// sent would seem to have arrived. Recorded for a VU that is cut as well.
    pub fn unsent(&self, recorder: &mut Recorder, messages: usize) {
        if messages > 0 {
            self.rare(recorder, builtin::WS_MSGS_UNSENT, messages as f64);
        }
    }
}

#[cfg(test)]
mod tests;
