//! What the `tcp_*` metrics mean.
//!
//! | metric | one sample for |
//! | --- | --- |
//! | `tcp_socket_resolving` | each connect, when its name was resolved or was not |
//! | `tcp_socket_connecting` | each connect whose name was resolved: connect and TLS |
//! | `tcp_socket_tls` | each TLS handshake: as part of a connect also in `tcp_socket_connecting`, or started later |
//! | `tcp_sockets` | each connect that succeeded |
//! | `tcp_socket_duration` | each connection, when its stream was gone |
//! | `tcp_reads` | each piece of data, when it arrived |
//! | `tcp_msgs_received` | each message, where a framing cuts data into messages, when it arrived whole |
//! | `tcp_writes` | each write that an open connection took, failed ones too |
//! | `tcp_auto_replies` | each write that a rule answered with, when it was done |
//! | `tcp_writes_unsent` | each write that an open connection took and that was not done when it ended |
//! | `tcp_partial_writes` | each write that failed after some of its bytes had gone |
//! | `tcp_errors` | each connect, read or write that failed, and each write that made no sense; with `error` = `cut` each connect that nobody waited for |
//! | `tcp_timeouts` | each `timeout` event |
//! | `tcp_reconnects` | each attempt of a session to connect again |
//! | `tcp_downtime` | each time that a session was without a connection, when it is back or over |
//! | `tcp_msgs_unhandled` | each message of a session that nobody took, when it leaves the inbox or the session ends |
//!
//! Tags, later ones win: the VU's, `proto`, the socket's, the connect's, `host` and `port`, `ip` once it is
//! known, those of a single write. `systemTags` does not govern them, as in k6.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::account::VuAccount;
use super::catalog::Catalog;
use super::milliseconds;
use super::requests::{self, RequestSeries};
use super::run_metrics::RunMetrics;
use super::tcp_series::{Alike, DialEnd, SharedSeries};
use crate::clock::Instant;
use crate::conversation::rules::Ruled;
use crate::metrics::{MetricId, Recorder, Series, TagSet, builtin};
use crate::socket::dial::phases::Spans;
use crate::socket::error::Cause;
use crate::socket::tcp::session::Answered;

/// As what the samples of a TCP connection are recorded that is about to be made.
#[derive(Clone, Debug)]
pub struct TcpLabels {
    /// The run.
    pub metrics: Arc<RunMetrics>,
    /// The VU that makes it.
    pub vu: Arc<VuAccount>,
    /// All tags but `ip`.
    pub tags: TagSet,
}

/// How a dial went.
#[derive(Clone, Copy, Debug)]
pub struct TcpDial {
    /// How long its phases took.
    pub spans: Spans,
    /// What the name led to, if it led anywhere.
    pub ip: Option<IpAddr>,
    /// Whether there is a connection.
    pub is_open: bool,
}

/// As what one connection is recorded.
#[derive(Clone, Debug)]
pub struct TcpSeries {
    metrics: Arc<RunMetrics>,
    vu: Arc<VuAccount>,
    started: Instant,
    series: Arc<SharedSeries>,
}

/// The metrics of the phases of a dial.
const PHASES: [MetricId; 3] = [
    builtin::TCP_SOCKET_RESOLVING,
    builtin::TCP_SOCKET_CONNECTING,
    builtin::TCP_SOCKET_TLS,
];

impl TcpDial {
    /// How long the phases took, as in [`PHASES`], and when each was over.
    fn times(&self) -> [Option<(Duration, Instant)>; 3] {
        let Spans {
            resolve,
            connect,
            tls,
            ended,
            ..
        } = self.spans;
        let resolving = resolve.unwrap_or_default();
        let connecting = connect.map(|connect| connect + tls.unwrap_or_default());
        [
            Some((resolving, self.spans.started + resolving)),
            connecting.map(|took| (took, ended)),
            tls.map(|took| (took, ended)),
        ]
    }

    /// Counted whoever waits for it: each attempt is opened or failed.
    fn end(&self) -> DialEnd {
        match (self.is_open, self.spans.is_given_up) {
            (true, _) => DialEnd::Open,
            (false, true) => DialEnd::GivenUp,
            (false, false) => DialEnd::Failed,
        }
    }
}

impl TcpLabels {
    /// A dial is over: records it.
    pub fn dialled(&self, recorder: &mut Recorder, dial: TcpDial) -> TcpSeries {
        let is_measured = !(self.vu.is_cut() || dial.spans.is_given_up);
        let times = dial.times().map(|time| time.filter(|_| is_measured));
        let alike = Alike {
            tags: self.tags.clone(),
            ip: dial.ip,
            end: dial.end(),
        };
        let is_timed = times.map(|time| time.is_some());
        let series = series_of(&mut self.metrics.catalog(), alike, is_timed);
        let mut add = |series, value, at| {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(series, value, at);
        };
        let phases = times.iter().zip(series.phases);
        for ((took, at), series) in phases.filter_map(|(time, series)| time.zip(series)) {
            add(series, milliseconds(took), at);
        }
        add(series.end, 1.0, dial.spans.ended);
        TcpSeries {
            metrics: self.metrics.clone(),
            vu: self.vu.clone(),
            started: dial.spans.started,
            series,
        }
    }
}

/// The series of connections like this one, known or looked up.
fn series_of(catalog: &mut Catalog, alike: Alike, is_timed: [bool; 3]) -> Arc<SharedSeries> {
    let known = catalog.recent_tcp.find(|other, series| {
        alike == *other && is_timed == series.phases.map(|phase| phase.is_some())
    });
    if let Some(known) = known {
        return known;
    }
    let mut tags = alike.tags.clone();
    if let Some(ip) = alike.ip {
        tags = tags.with("ip", &ip.to_string());
    }
    let mut phases = [None; 3];
    for (at, metric) in PHASES.into_iter().enumerate() {
        phases[at] = is_timed[at].then(|| catalog.series(metric, &tags));
    }
    let end = match alike.end {
        DialEnd::Open => catalog.series(builtin::TCP_SOCKETS, &tags),
        DialEnd::Failed => catalog.series(builtin::TCP_ERRORS, &tags),
        DialEnd::GivenUp => {
            let tags = tags.with("error", Cause::Cut.as_str());
            catalog.series(builtin::TCP_ERRORS, &tags)
        }
    };
    let series = SharedSeries {
        phases,
        end,
        duration: catalog.series(builtin::TCP_SOCKET_DURATION, &tags),
        reads: catalog.series(builtin::TCP_READS, &tags),
        messages: OnceLock::new(),
        writes: catalog.series(builtin::TCP_WRITES, &tags),
        answers: OnceLock::new(),
        ruled: [const { OnceLock::new() }; 3],
        partial_writes: catalog.series(builtin::TCP_PARTIAL_WRITES, &tags),
        errors: catalog.series(builtin::TCP_ERRORS, &tags),
        timeouts: catalog.series(builtin::TCP_TIMEOUTS, &tags),
        tags,
    };
    catalog.recent_tcp.keep(alike, series)
}

impl TcpSeries {
    /// TLS was started on the open connection, or could not be, after so long.
    pub fn tls_started(&self, recorder: &mut Recorder, took: Duration) {
        if !self.vu.is_cut() {
            let metric = builtin::TCP_SOCKET_TLS;
            let series = self.metrics.catalog().series(metric, &self.series.tags);
            recorder.of(|| self.vu.metadata());
            recorder.add(series, milliseconds(took));
        }
    }

    /// Whether the VU is cut.
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
            &requests::TCP,
        )
    }

    /// Data arrived.
    pub fn read(&self, recorder: &mut Recorder, at: Instant) {
        if !self.vu.is_cut() {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(self.series.reads, 1.0, at);
        }
    }

    /// A message arrived, and this kind of rule has taken it, or none.
    pub fn received(&self, recorder: &mut Recorder, at: Instant, ruled: Option<Ruled>) {
        if !self.vu.is_cut() {
            self.decided(recorder, at, ruled);
        }
    }

    /// The same of one that had come undecided: recorded though the VU may be cut by now.
    pub fn decided(&self, recorder: &mut Recorder, at: Instant, ruled: Option<Ruled>) {
        let metric = builtin::TCP_MSGS_RECEIVED;
        let series = match ruled {
            None => self.series.messages.get_or_init(|| {
                let tags = &self.series.tags;
                self.metrics.catalog().series(metric, tags)
            }),
            Some(ruled) => {
                let series = &self.series.ruled[ruled as usize];
                series.get_or_init(|| self.of_rule(metric, ruled))
            }
        };
        recorder.of(|| self.vu.metadata());
        recorder.add_at(*series, 1.0, at);
    }

    fn of_rule(&self, metric: MetricId, ruled: Ruled) -> Series {
        let tags = self.series.tags.with("rule", ruled.as_str());
        self.metrics.catalog().series(metric, &tags)
    }

    fn answers(&self) -> [Series; 2] {
        *self.series.answers.get_or_init(|| {
            let writes = self.of_rule(builtin::TCP_WRITES, Ruled::Auto);
            [writes, self.answers_of(&self.series.tags)]
        })
    }

    fn answers_of(&self, tags: &TagSet) -> Series {
        self.metrics
            .catalog()
            .series(builtin::TCP_AUTO_REPLIES, tags)
    }

    /// A write was taken; `extra` are tags of its own.
    pub fn wrote(&self, recorder: &mut Recorder, extra: Option<&TagSet>) {
        if self.vu.is_cut() {
            return;
        }
        let series = match extra {
            None => self.series.writes,
            Some(extra) => {
                let tags = self.series.tags.extended(extra.iter());
                self.metrics.catalog().series(builtin::TCP_WRITES, &tags)
            }
        };
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
    }

    /// Writes are done with which rules answer; recorded for a VU that is cut as well.
    pub fn answered(&self, recorder: &mut Recorder, writes: Answered) {
        let Answered { all, by_script } = writes;
        if all > by_script {
            let [_, answers] = self.answers();
            recorder.of(|| self.vu.metadata());
            recorder.add(answers, (all - by_script) as f64);
        }
        if by_script > 0 {
            // Each of them has cost far more than to look this up.
            let series = self.answers_of(&self.series.tags.with("kind", "python"));
            recorder.of(|| self.vu.metadata());
            recorder.add(series, by_script as f64);
        }
    }

    /// A write of a rule was taken.
    pub fn answers_with(&self, recorder: &mut Recorder) {
        if !self.vu.is_cut() {
            let [writes, _] = self.answers();
            recorder.of(|| self.vu.metadata());
            recorder.add(writes, 1.0);
        }
    }

    /// What a rule answers with found no room, or cannot be said: a write that is not done.
    pub fn not_answered(&self, recorder: &mut Recorder) {
        self.answers_with(recorder);
        self.unsent(recorder, 1);
    }

    /// So many messages were taken by nobody. Told once for most sessions: the series is looked up only then.
    pub fn unhandled(&self, recorder: &mut Recorder, messages: f64) {
        if !self.vu.is_cut() {
            self.rare(recorder, builtin::TCP_MSGS_UNHANDLED, messages);
        }
    }

    /// Its session connects again.
    pub fn reconnects(&self, recorder: &mut Recorder) {
        self.rare(recorder, builtin::TCP_RECONNECTS, 1.0);
    }

    /// Its session was down for so long.
    pub fn was_down(&self, recorder: &mut Recorder, time: Duration) {
        self.rare(recorder, builtin::TCP_DOWNTIME, milliseconds(time));
    }

    fn rare(&self, recorder: &mut Recorder, metric: MetricId, value: f64) {
        let series = self.metrics.catalog().series(metric, &self.series.tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, value);
    }

    /// A write failed half-way.
    pub fn partly_written(&self, recorder: &mut Recorder) {
        if !self.vu.is_cut() {
            recorder.of(|| self.vu.metadata());
            recorder.add(self.series.partial_writes, 1.0);
        }
    }

    /// Something failed; `extra` are tags of the call that did.
    pub fn failed(&self, recorder: &mut Recorder, extra: Option<&TagSet>) {
        if self.vu.is_cut() {
            return;
        }
        let series = match extra {
            None => self.series.errors,
            Some(extra) => {
                let tags = self.series.tags.extended(extra.iter());
                self.metrics.catalog().series(builtin::TCP_ERRORS, &tags)
            }
        };
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
    }

    /// Nothing was received for as long as the script wants to know.
    pub fn timed_out(&self, recorder: &mut Recorder) {
        if !self.vu.is_cut() {
            recorder.of(|| self.vu.metadata());
            recorder.add(self.series.timeouts, 1.0);
        }
    }

    /// The connection is gone; recorded for a VU that is cut as well.
    pub fn ended(&self, recorder: &mut Recorder, now: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.series.duration, milliseconds(now - self.started), now);
    }

    /// The connection is over, and so many writes that it had taken were not done: it shows, or all that was sent
    /// would seem to have arrived. Recorded for a VU that is cut as well.
    pub fn unsent(&self, recorder: &mut Recorder, writes: u64) {
        self.rare(recorder, builtin::TCP_WRITES_UNSENT, writes as f64);
    }
}

#[cfg(test)]
mod tests;
