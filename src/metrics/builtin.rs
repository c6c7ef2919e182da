//! The metrics that exist without a script declaring them.
//!
//! One table: id, name, kind, unit and what exactly is counted. Names are k6's; where our meaning is
//! stricter than k6's the sentence says what holds here. Producing the samples is not done here: this
//! module knows what a number means, not when a socket or a VU yields it.

use super::{Kind, MetricId, Unit};

/// A metric that every [`Registry`](super::Registry) starts with.
#[derive(Copy, Clone, Debug)]
pub struct Builtin {
    /// Position in [`TABLE`] and in every registry.
    pub id: MetricId,
    /// Name as users write it in thresholds.
    pub name: &'static str,
    /// How its samples add up.
    pub kind: Kind,
    /// What its samples contain.
    pub unit: Unit,
    /// What exactly one sample says, in one sentence.
    pub meaning: &'static str,
}

/// See [`TABLE`], which says what each of these means.
pub const VUS: MetricId = MetricId::new(0);
/// See [`TABLE`].
pub const VUS_MAX: MetricId = MetricId::new(1);
/// See [`TABLE`].
pub const ITERATIONS: MetricId = MetricId::new(2);
/// See [`TABLE`].
pub const ITERATION_DURATION: MetricId = MetricId::new(3);
/// See [`TABLE`].
pub const DROPPED_ITERATIONS: MetricId = MetricId::new(4);
/// See [`TABLE`].
pub const CHECKS: MetricId = MetricId::new(5);
/// See [`TABLE`].
pub const GROUP_DURATION: MetricId = MetricId::new(6);
/// See [`TABLE`].
pub const DATA_SENT: MetricId = MetricId::new(7);
/// See [`TABLE`].
pub const DATA_RECEIVED: MetricId = MetricId::new(8);
/// See [`TABLE`].
pub const WS_SESSIONS: MetricId = MetricId::new(9);
/// See [`TABLE`].
pub const WS_CONNECTING: MetricId = MetricId::new(10);
/// See [`TABLE`].
pub const WS_SESSION_DURATION: MetricId = MetricId::new(11);
/// See [`TABLE`].
pub const WS_MSGS_SENT: MetricId = MetricId::new(12);
/// See [`TABLE`].
pub const WS_MSGS_RECEIVED: MetricId = MetricId::new(13);
/// See [`TABLE`].
pub const WS_PING: MetricId = MetricId::new(14);
/// See [`TABLE`].
pub const WS_MSGS_DROPPED: MetricId = MetricId::new(15);
/// See [`TABLE`].
pub const WS_PAUSED: MetricId = MetricId::new(16);
/// See [`TABLE`].
pub const VU_LOOP_LAG: MetricId = MetricId::new(17);
/// See [`TABLE`].
pub const TCP_SOCKETS: MetricId = MetricId::new(18);
/// See [`TABLE`].
pub const TCP_SOCKET_RESOLVING: MetricId = MetricId::new(19);
/// See [`TABLE`].
pub const TCP_SOCKET_CONNECTING: MetricId = MetricId::new(20);
/// See [`TABLE`].
pub const TCP_SOCKET_DURATION: MetricId = MetricId::new(21);
/// See [`TABLE`].
pub const TCP_READS: MetricId = MetricId::new(22);
/// See [`TABLE`].
pub const TCP_WRITES: MetricId = MetricId::new(23);
/// See [`TABLE`].
pub const TCP_PARTIAL_WRITES: MetricId = MetricId::new(24);
/// See [`TABLE`].
pub const TCP_ERRORS: MetricId = MetricId::new(25);
/// See [`TABLE`].
pub const TCP_TIMEOUTS: MetricId = MetricId::new(26);

/// See [`TABLE`].
pub const WS_ACTIVE: MetricId = MetricId::new(27);
/// See [`TABLE`].
pub const WS_CLOSES: MetricId = MetricId::new(28);
/// See [`TABLE`].
pub const WS_CONNECT_FAILED: MetricId = MetricId::new(29);
/// See [`TABLE`].
pub const ITERATION_FAILED: MetricId = MetricId::new(30);
/// See [`TABLE`].
pub const WS_DNS: MetricId = MetricId::new(31);
/// See [`TABLE`].
pub const WS_TCP: MetricId = MetricId::new(32);
/// See [`TABLE`].
pub const WS_TLS: MetricId = MetricId::new(33);
/// See [`TABLE`].
pub const WS_UPGRADE: MetricId = MetricId::new(34);
/// See [`TABLE`].
pub const TCP_SOCKET_TLS: MetricId = MetricId::new(35);
/// See [`TABLE`].
pub const WS_MSGS_UNHANDLED: MetricId = MetricId::new(36);
/// See [`TABLE`].
pub const DRIVER_LAG: MetricId = MetricId::new(37);
/// See [`TABLE`].
pub const ITERATION_LATENESS: MetricId = MetricId::new(38);
/// See [`TABLE`].
pub const GENERATOR_CPU: MetricId = MetricId::new(39);
/// See [`TABLE`].
pub const WS_MSGS_UNSENT: MetricId = MetricId::new(40);
/// See [`TABLE`].
pub const TCP_WRITES_UNSENT: MetricId = MetricId::new(41);
/// See [`TABLE`].
pub const WS_REQS: MetricId = MetricId::new(42);
/// See [`TABLE`].
pub const WS_REQ_DURATION: MetricId = MetricId::new(43);
/// See [`TABLE`].
pub const WS_REQ_BLOCKED: MetricId = MetricId::new(44);
/// See [`TABLE`].
pub const WS_REQ_FIRST_DURATION: MetricId = MetricId::new(45);
/// See [`TABLE`].
pub const WS_REQ_GAP: MetricId = MetricId::new(46);
/// See [`TABLE`].
pub const WS_REQ_STALL: MetricId = MetricId::new(47);
/// See [`TABLE`].
pub const WS_REQ_FAILED: MetricId = MetricId::new(48);
/// See [`TABLE`].
pub const WS_REQ_LATE: MetricId = MetricId::new(49);
/// See [`TABLE`].
pub const WS_AUTO_REPLIES: MetricId = MetricId::new(50);
/// See [`TABLE`].
pub const TCP_REQS: MetricId = MetricId::new(51);
/// See [`TABLE`].
pub const TCP_REQ_DURATION: MetricId = MetricId::new(52);
/// See [`TABLE`].
pub const TCP_REQ_BLOCKED: MetricId = MetricId::new(53);
/// See [`TABLE`].
pub const TCP_REQ_FIRST_DURATION: MetricId = MetricId::new(54);
/// See [`TABLE`].
pub const TCP_REQ_GAP: MetricId = MetricId::new(55);
/// See [`TABLE`].
pub const TCP_REQ_STALL: MetricId = MetricId::new(56);
/// See [`TABLE`].
pub const TCP_REQ_FAILED: MetricId = MetricId::new(57);
/// See [`TABLE`].
pub const TCP_REQ_LATE: MetricId = MetricId::new(58);
/// See [`TABLE`].
pub const TCP_AUTO_REPLIES: MetricId = MetricId::new(59);
/// See [`TABLE`].
pub const TCP_MSGS_UNHANDLED: MetricId = MetricId::new(60);
/// See [`TABLE`].
pub const TCP_MSGS_RECEIVED: MetricId = MetricId::new(61);
/// See [`TABLE`].
pub const VU_FAILED: MetricId = MetricId::new(62);
/// See [`TABLE`].
pub const MARKS: MetricId = MetricId::new(63);
/// See [`TABLE`].
pub const WS_DELIVERIES: MetricId = MetricId::new(64);
/// See [`TABLE`].
pub const WS_DELIVERY_DURATION: MetricId = MetricId::new(65);
/// See [`TABLE`].
pub const WS_DELIVERIES_EARLY: MetricId = MetricId::new(66);
/// See [`TABLE`].
pub const WS_DELIVERIES_LOST: MetricId = MetricId::new(67);
/// See [`TABLE`].
pub const WS_DELIVERIES_DOUBLED: MetricId = MetricId::new(68);
/// See [`TABLE`].
pub const TCP_DELIVERIES: MetricId = MetricId::new(69);
/// See [`TABLE`].
pub const TCP_DELIVERY_DURATION: MetricId = MetricId::new(70);
/// See [`TABLE`].
pub const TCP_DELIVERIES_EARLY: MetricId = MetricId::new(71);
/// See [`TABLE`].
pub const TCP_DELIVERIES_LOST: MetricId = MetricId::new(72);
/// See [`TABLE`].
pub const TCP_DELIVERIES_DOUBLED: MetricId = MetricId::new(73);
/// See [`TABLE`].
pub const WS_REQ_PLANNED_DURATION: MetricId = MetricId::new(74);
/// See [`TABLE`].
pub const TCP_REQ_PLANNED_DURATION: MetricId = MetricId::new(75);
/// See [`TABLE`].
pub const WS_RECONNECTS: MetricId = MetricId::new(76);
/// See [`TABLE`].
pub const WS_DOWNTIME: MetricId = MetricId::new(77);
/// See [`TABLE`].
pub const TCP_RECONNECTS: MetricId = MetricId::new(78);
/// See [`TABLE`].
pub const TCP_DOWNTIME: MetricId = MetricId::new(79);
/// See [`TABLE`].
pub const WS_MSG_SIZE: MetricId = MetricId::new(80);

/// Whether k6 and its `xk6-tcp` have it too: the others are ours alone, and their names are free in scripts of k6.
pub fn is_of_k6(id: MetricId) -> bool {
    id <= WS_PING || (TCP_SOCKETS..=TCP_TIMEOUTS).contains(&id)
}

/// Every built-in metric, in the order of its id.
#[rustfmt::skip] // One metric, two lines: what it is, what it means.
pub const TABLE: &[Builtin] = &[
    row(VUS, "vus", Kind::Gauge, Unit::Default,
        "VUs at work, sampled every second"),
    row(VUS_MAX, "vus_max", Kind::Gauge, Unit::Default,
        "VUs initialised so far, sampled every second"),
    row(ITERATIONS, "iterations", Kind::Counter, Unit::Default,
        "iterations finished, those ended by an exception included, interrupted ones not"),
    row(ITERATION_DURATION, "iteration_duration", Kind::Trend, Unit::Time,
        "from the start of the VU function until it returned and its sockets and timers are done"),
    row(DROPPED_ITERATIONS, "dropped_iterations", Kind::Counter, Unit::Default,
        "iterations that were due and not started, for want of a free VU or of time"),
    row(CHECKS, "checks", Kind::Rate, Unit::Default,
        "one sample per check: did it hold"),
    row(GROUP_DURATION, "group_duration", Kind::Trend, Unit::Time,
        "wall time spent inside a group, also when it was left by an exception"),
    row(DATA_SENT, "data_sent", Kind::Counter, Unit::Data,
        "bytes written to sockets, TLS and handshake included"),
    row(DATA_RECEIVED, "data_received", Kind::Counter, Unit::Data,
        "bytes read from sockets, TLS and handshake included"),
    row(WS_SESSIONS, "ws_sessions", Kind::Counter, Unit::Default,
        "attempts to open a WebSocket, failed ones included"),
    row(WS_CONNECTING, "ws_connecting", Kind::Trend, Unit::Time,
        "resolve, connect, TLS and upgrade together, failed attempts included"),
    row(WS_SESSION_DURATION, "ws_session_duration", Kind::Trend, Unit::Time,
        "from the start of the connect until the session is closed; our wait for the end of the stream is not in it"),
    row(WS_MSGS_SENT, "ws_msgs_sent", Kind::Counter, Unit::Default,
        "data messages written to their last byte; no pings, no close frames, no failed sends"),
    row(WS_MSGS_RECEIVED, "ws_msgs_received", Kind::Counter, Unit::Default,
        "data messages that arrived whole; no control frames"),
    row(WS_PING, "ws_ping", Kind::Trend, Unit::Time,
        "from our ping to its pong"),
    row(WS_MSGS_DROPPED, "ws_msgs_dropped", Kind::Counter, Unit::Default,
        "data messages that arrived and were never handed to a handler"),
    row(WS_PAUSED, "ws_paused", Kind::Counter, Unit::Default,
        "times a connection was no longer read because its undelivered messages reached the bound"),
    row(VU_LOOP_LAG, "vu_loop_lag", Kind::Trend, Unit::Time,
        "from the arrival of an event, or the time that a timer was due, to the start of its handler"),
    row(TCP_SOCKETS, "tcp_sockets", Kind::Counter, Unit::Default,
        "TCP connections made"),
    row(TCP_SOCKET_RESOLVING, "tcp_socket_resolving", Kind::Trend, Unit::Time,
        "resolving the name, failed attempts included"),
    row(TCP_SOCKET_CONNECTING, "tcp_socket_connecting", Kind::Trend, Unit::Time,
        "connect and TLS together, failed attempts included"),
    row(TCP_SOCKET_DURATION, "tcp_socket_duration", Kind::Trend, Unit::Time,
        "from the start of the connect until the connection is gone"),
    row(TCP_READS, "tcp_reads", Kind::Counter, Unit::Default,
        "pieces of data that arrived, each at most read_buffer_size bytes"),
    row(TCP_WRITES, "tcp_writes", Kind::Counter, Unit::Default,
        "writes on an open connection, failed ones included"),
    row(TCP_PARTIAL_WRITES, "tcp_partial_writes", Kind::Counter, Unit::Default,
        "writes that failed after some of their bytes had gone"),
    row(TCP_ERRORS, "tcp_errors", Kind::Counter, Unit::Default,
        "connects, reads and writes that failed; connects that nobody waited for have the tag `error` = `cut`"),
    row(TCP_TIMEOUTS, "tcp_timeouts", Kind::Counter, Unit::Default,
        "times a connection received nothing for the time that set_timeout says"),
    row(WS_ACTIVE, "ws_active", Kind::Gauge, Unit::Default,
        "WebSocket sessions that are open, sampled whenever one opens or ends"),
    row(WS_CLOSES, "ws_closes", Kind::Counter, Unit::Default,
        "sessions that ended, with the close code as tag: the peer's, ours for a violation, 1006 without one"),
    row(WS_CONNECT_FAILED, "ws_connect_failed", Kind::Counter, Unit::Default,
        "attempts that led to no session, with the cause as tag `error`; `cut` where nobody waited for the outcome"),
    row(ITERATION_FAILED, "iteration_failed", Kind::Rate, Unit::Default,
        "one sample per finished iteration: was it ended by an exception"),
    row(WS_DNS, "ws_dns", Kind::Trend, Unit::Time,
        "the part of ws_connecting that resolved the name; next to nothing for an address"),
    row(WS_TCP, "ws_tcp", Kind::Trend, Unit::Time,
        "the part of ws_connecting that made the TCP connection, with a proxy's part of it"),
    row(WS_TLS, "ws_tls", Kind::Trend, Unit::Time,
        "the part of ws_connecting that was the TLS handshake, of wss only"),
    row(WS_UPGRADE, "ws_upgrade", Kind::Trend, Unit::Time,
        "the part of ws_connecting from the request for a WebSocket to the end of the answer"),
    row(TCP_SOCKET_TLS, "tcp_socket_tls", Kind::Trend, Unit::Time,
        "the TLS handshake: of a connect, where it is part of tcp_socket_connecting, or of start_tls"),
    row(WS_MSGS_UNHANDLED, "ws_msgs_unhandled", Kind::Counter, Unit::Default,
        "data messages that arrived while the session had no handler for their kind; of `ws.open`, those that nobody took"),
    row(DRIVER_LAG, "driver_lag", Kind::Trend, Unit::Time,
        "how late the sockets were looked at for an event, because handlers kept the thread"),
    row(ITERATION_LATENESS, "iteration_lateness", Kind::Trend, Unit::Time,
        "from the planned start of an iteration to its start, where an arrival rate plans it"),
    row(GENERATOR_CPU, "generator_cpu", Kind::Gauge, Unit::Default,
        "percent of a core that the busiest thread of k6ws used, sampled every second"),
    row(WS_MSGS_UNSENT, "ws_msgs_unsent", Kind::Counter, Unit::Default,
        "data messages that were taken for sending and not written when their session ended"),
    row(TCP_WRITES_UNSENT, "tcp_writes_unsent", Kind::Counter, Unit::Default,
        "writes that a connection took and that were not done when it ended"),
    row(WS_REQS, "ws_reqs", Kind::Counter, Unit::Default,
        "requests made, each when it is made: those answered and those that failed"),
    row(WS_REQ_DURATION, "ws_req_duration", Kind::Trend, Unit::Time,
        "from the write of a request's last byte to the read of its reply's last; those answered rightly only"),
    row(WS_REQ_BLOCKED, "ws_req_blocked", Kind::Trend, Unit::Time,
        "from the call of such a request to that write: our own waiting"),
    row(WS_REQ_FIRST_DURATION, "ws_req_first_duration", Kind::Trend, Unit::Time,
        "from that write to the first message of a reply that comes in several"),
    row(WS_REQ_GAP, "ws_req_gap", Kind::Trend, Unit::Time,
        "between two messages of such a reply, one after the other"),
    row(WS_REQ_STALL, "ws_req_stall", Kind::Trend, Unit::Time,
        "the longest such gap of each of these replies"),
    row(WS_REQ_FAILED, "ws_req_failed", Kind::Rate, Unit::Default,
        "one sample per request: did it fail; with the tag `error` = timeout, closed, check, send or cut"),
    row(WS_REQ_LATE, "ws_req_late", Kind::Counter, Unit::Default,
        "replies to requests that had timed out; nobody is given them"),
    row(WS_AUTO_REPLIES, "ws_auto_replies", Kind::Counter, Unit::Default,
        "answers of rules, each written to its last byte; one that was not in time to leave is none; with the tag `kind` = python those that a function of the script has made"),
    row(TCP_REQS, "tcp_reqs", Kind::Counter, Unit::Default,
        "requests made, each when it is made: those answered and those that failed"),
    row(TCP_REQ_DURATION, "tcp_req_duration", Kind::Trend, Unit::Time,
        "from the write of a request's last byte to the read of its reply's last; those answered rightly only"),
    row(TCP_REQ_BLOCKED, "tcp_req_blocked", Kind::Trend, Unit::Time,
        "from the call of such a request to that write: our own waiting"),
    row(TCP_REQ_FIRST_DURATION, "tcp_req_first_duration", Kind::Trend, Unit::Time,
        "from that write to the first message of a reply that comes in several"),
    row(TCP_REQ_GAP, "tcp_req_gap", Kind::Trend, Unit::Time,
        "between two messages of such a reply, one after the other"),
    row(TCP_REQ_STALL, "tcp_req_stall", Kind::Trend, Unit::Time,
        "the longest such gap of each of these replies"),
    row(TCP_REQ_FAILED, "tcp_req_failed", Kind::Rate, Unit::Default,
        "one sample per request: did it fail; with the tag `error` = timeout, closed, check, send or cut"),
    row(TCP_REQ_LATE, "tcp_req_late", Kind::Counter, Unit::Default,
        "replies to requests that had timed out; nobody is given them"),
    row(TCP_AUTO_REPLIES, "tcp_auto_replies", Kind::Counter, Unit::Default,
        "answers of rules, each written to its last byte; one that was not in time to leave is none; with the tag `kind` = python those that a function of the script has made"),
    row(TCP_MSGS_UNHANDLED, "tcp_msgs_unhandled", Kind::Counter, Unit::Default,
        "messages of a session that nobody took"),
    row(TCP_MSGS_RECEIVED, "tcp_msgs_received", Kind::Counter, Unit::Default,
        "messages that arrived whole, on connections with a framing"),
    row(VU_FAILED, "vu_failed", Kind::Counter, Unit::Default,
        "VUs that were given up because their `vu_start` failed"),
    row(MARKS, "marks", Kind::Counter, Unit::Default,
        "instants that the script has marked, with their name as tag `mark`"),
    row(WS_DELIVERIES, "ws_deliveries", Kind::Counter, Unit::Default,
        "pushes that a rule of `delivered` saw come"),
    row(WS_DELIVERY_DURATION, "ws_delivery_duration", Kind::Trend, Unit::Time,
        "from the instant that the sender's clock stood in such a push to its arrival, by our clock"),
    row(WS_DELIVERIES_EARLY, "ws_deliveries_early", Kind::Counter, Unit::Default,
        "such pushes that came before that instant, because two clocks differ; they have no duration"),
    row(WS_DELIVERIES_LOST, "ws_deliveries_lost", Kind::Counter, Unit::Default,
        "numbers of such a sequence that never came"),
    row(WS_DELIVERIES_DOUBLED, "ws_deliveries_doubled", Kind::Counter, Unit::Default,
        "such pushes whose number had come before"),
    row(TCP_DELIVERIES, "tcp_deliveries", Kind::Counter, Unit::Default,
        "pushes that a rule of `delivered` saw come"),
    row(TCP_DELIVERY_DURATION, "tcp_delivery_duration", Kind::Trend, Unit::Time,
        "from the instant that the sender's clock stood in such a push to its arrival, by our clock"),
    row(TCP_DELIVERIES_EARLY, "tcp_deliveries_early", Kind::Counter, Unit::Default,
        "such pushes that came before that instant, because two clocks differ; they have no duration"),
    row(TCP_DELIVERIES_LOST, "tcp_deliveries_lost", Kind::Counter, Unit::Default,
        "numbers of such a sequence that never came"),
    row(TCP_DELIVERIES_DOUBLED, "tcp_deliveries_doubled", Kind::Counter, Unit::Default,
        "such pushes whose number had come before"),
    row(WS_REQ_PLANNED_DURATION, "ws_req_planned_duration", Kind::Trend, Unit::Time,
        "from the planned start of an iteration to the reply to its first request, where an arrival rate plans it"),
    row(TCP_REQ_PLANNED_DURATION, "tcp_req_planned_duration", Kind::Trend, Unit::Time,
        "from the planned start of an iteration to the reply to its first request, where an arrival rate plans it"),
    row(WS_RECONNECTS, "ws_reconnects", Kind::Counter, Unit::Default,
        "attempts to connect again by a policy of `reconnect`, failed ones included"),
    row(WS_DOWNTIME, "ws_downtime", Kind::Trend, Unit::Time,
        "from the end of a connection until its session was back, `on_open` included, or was over"),
    row(TCP_RECONNECTS, "tcp_reconnects", Kind::Counter, Unit::Default,
        "attempts to connect again by a policy of `reconnect`, failed ones included"),
    row(TCP_DOWNTIME, "tcp_downtime", Kind::Trend, Unit::Time,
        "from the end of a connection until its session was back, `on_open` included, or was over"),
    row(WS_MSG_SIZE, "ws_msg_size", Kind::Trend, Unit::Data,
        "bytes of a data message as the script has it, before compression and headers; only where `thresholds` names it"),
];

const fn row(
    id: MetricId,
    name: &'static str,
    kind: Kind,
    unit: Unit,
    meaning: &'static str,
) -> Builtin {
    Builtin {
        id,
        name,
        kind,
        unit,
        meaning,
    }
}

#[cfg(test)]
mod tests;
