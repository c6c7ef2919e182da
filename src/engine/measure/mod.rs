//! What each built-in metric means: facts become samples here and nowhere else.
//!
//! | metric | one sample for |
//! | --- | --- |
//! | `ws_sessions`, `ws_connecting` | each attempt, when its handshake ended, failed ones too |
//! | `ws_dns`, `ws_tcp`, `ws_tls`, `ws_upgrade` | each attempt that reached that phase: together `ws_connecting` |
//! | `ws_session_duration` | each attempt: until no more messages could come; a failed one when it failed |
//! | `ws_msgs_sent`, `ws_msgs_unsent` | each data message whose last byte the operating system took, or never did |
//! | `ws_msgs_received` | each data message, when it arrived |
//! | `ws_msg_size` | each of these two, where a threshold names it |
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
//! | `ws_req_*`, `tcp_req_*` | see [`requests`] |
//! | `ws_deliver*`, `tcp_deliver*` | see [`deliveries`] |
//! | `tcp_*` | see [`tcp`] |
//!
//! After a VU is cut only what tells of its attempts, its sessions' ends and of `data_*` is still recorded. The `url`
//! tag has neither query nor credentials: a token in each URL would be a series in each, and a secret in every output.

mod account;
mod catalog;
mod custom;
pub mod deliveries;
mod ends;
mod iteration;
mod lateness;
mod peer_text;
mod recent;
pub mod requests;
mod run_metrics;
pub mod tcp;
mod tcp_series;
mod url;
pub mod ws;
mod ws_series;

pub use account::VuAccount;
pub use catalog::Catalog;
pub use iteration::{IterationSeries, Whole};
pub use lateness::{Lateness, Share};
pub use run_metrics::RunMetrics;

/// What time metrics are measured in.
pub fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
