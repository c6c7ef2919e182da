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
//! | `tcp_writes` | each write that an open connection took, failed ones too |
//! | `tcp_writes_unsent` | each write that an open connection took and that was not done when it ended |
//! | `tcp_partial_writes` | each write that failed after some of its bytes had gone |
//! | `tcp_errors` | each connect, read or write that failed, and each write that made no sense; with `error` = `cut` each connect that nobody waited for |
//! | `tcp_timeouts` | each `timeout` event |
//!
//! Tags, later ones win: the VU's, `proto`, the socket's, the connect's, `host` and `port`, `ip` once it is
//! known, those of a single write. `systemTags` does not govern them, as in k6.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Catalog, RunMetrics, VuAccount, milliseconds};
use crate::clock::Instant;
use crate::metrics::{MetricId, Recorder, Series, TagSet, builtin};
use crate::socket::dial::phases::Spans;
use crate::socket::error::Cause;

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

/// The series of one connection.
#[derive(Clone, Debug)]
pub struct TcpSeries {
    metrics: Arc<RunMetrics>,
    vu: Arc<VuAccount>,
    tags: TagSet,
    started: Instant,
    duration: Series,
    reads: Series,
    writes: Series,
    partial_writes: Series,
    errors: Series,
    timeouts: Series,
}

impl TcpLabels {
    /// A dial is over: records it.
    pub fn dialled(&self, recorder: &mut Recorder, dial: TcpDial) -> TcpSeries {
        let mut catalog = self.metrics.catalog();
        let mut tags = self.tags.clone();
        if let Some(ip) = dial.ip {
            tags = tags.with("ip", &ip.to_string());
        }
        let spans = dial.spans;
        let mut add = |catalog: &mut Catalog, metric: MetricId, value: f64, at: Instant| {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(catalog.series(metric, &tags), value, at);
        };
        if !(self.vu.is_cut() || spans.is_given_up) {
            let resolving = spans.resolve.unwrap_or_default();
            let resolved = spans.started + resolving;
            let metric = builtin::TCP_SOCKET_RESOLVING;
            add(&mut catalog, metric, milliseconds(resolving), resolved);
            if let Some(connecting) = spans.connect {
                let connecting = milliseconds(connecting + spans.tls.unwrap_or_default());
                let metric = builtin::TCP_SOCKET_CONNECTING;
                add(&mut catalog, metric, connecting, spans.ended);
            }
            if let Some(tls) = spans.tls {
                let metric = builtin::TCP_SOCKET_TLS;
                add(&mut catalog, metric, milliseconds(tls), spans.ended);
            }
        }
        // Counted whoever waits for it: each attempt is opened or failed.
        if dial.is_open {
            add(&mut catalog, builtin::TCP_SOCKETS, 1.0, spans.ended);
        } else if spans.is_given_up {
            let tags = tags.with("error", Cause::Cut.as_str());
            let series = catalog.series(builtin::TCP_ERRORS, &tags);
            recorder.of(|| self.vu.metadata());
            recorder.add_at(series, 1.0, spans.ended);
        } else {
            add(&mut catalog, builtin::TCP_ERRORS, 1.0, spans.ended);
        }
        TcpSeries {
            metrics: self.metrics.clone(),
            vu: self.vu.clone(),
            started: spans.started,
            duration: catalog.series(builtin::TCP_SOCKET_DURATION, &tags),
            reads: catalog.series(builtin::TCP_READS, &tags),
            writes: catalog.series(builtin::TCP_WRITES, &tags),
            partial_writes: catalog.series(builtin::TCP_PARTIAL_WRITES, &tags),
            errors: catalog.series(builtin::TCP_ERRORS, &tags),
            timeouts: catalog.series(builtin::TCP_TIMEOUTS, &tags),
            tags,
        }
    }
}

impl TcpSeries {
    /// TLS was started on the open connection, or could not be, after so long.
    pub fn tls_started(&self, recorder: &mut Recorder, took: Duration) {
        if !self.vu.is_cut() {
            let metric = builtin::TCP_SOCKET_TLS;
            let series = self.metrics.catalog().series(metric, &self.tags);
            recorder.of(|| self.vu.metadata());
            recorder.add(series, milliseconds(took));
        }
    }

    /// Data arrived.
    pub fn read(&self, recorder: &mut Recorder, at: Instant) {
        if !self.vu.is_cut() {
            recorder.of(|| self.vu.metadata());
            recorder.add_at(self.reads, 1.0, at);
        }
    }

    /// A write was taken; `extra` are tags of its own.
    pub fn wrote(&self, recorder: &mut Recorder, extra: Option<&TagSet>) {
        if self.vu.is_cut() {
            return;
        }
        let series = match extra {
            None => self.writes,
            Some(extra) => {
                let tags = self.tags.extended(extra.iter());
                self.metrics.catalog().series(builtin::TCP_WRITES, &tags)
            }
        };
        recorder.of(|| self.vu.metadata());
        recorder.add(series, 1.0);
    }

    /// A write failed half-way.
    pub fn partly_written(&self, recorder: &mut Recorder) {
        if !self.vu.is_cut() {
            recorder.of(|| self.vu.metadata());
            recorder.add(self.partial_writes, 1.0);
        }
    }

    /// Something failed; `extra` are tags of the call that did.
    pub fn failed(&self, recorder: &mut Recorder, extra: Option<&TagSet>) {
        if self.vu.is_cut() {
            return;
        }
        let series = match extra {
            None => self.errors,
            Some(extra) => {
                let tags = self.tags.extended(extra.iter());
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
            recorder.add(self.timeouts, 1.0);
        }
    }

    /// The connection is gone; recorded for a VU that is cut as well.
    pub fn ended(&self, recorder: &mut Recorder, now: Instant) {
        recorder.of(|| self.vu.metadata());
        recorder.add_at(self.duration, milliseconds(now - self.started), now);
    }
    /// The connection is over, and so many writes that it had taken were not done: it shows, or all that was sent
    /// would seem to have arrived. Recorded for a VU that is cut as well.
    pub fn unsent(&self, recorder: &mut Recorder, writes: u64) {
        let metric = builtin::TCP_WRITES_UNSENT;
        let series = self.metrics.catalog().series(metric, &self.tags);
        recorder.of(|| self.vu.metadata());
        recorder.add(series, writes as f64);
    }
}
