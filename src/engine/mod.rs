//! The only place that wires the layers: sockets to mailbox, facts to metrics, schedule to VUs.
//!
//! Knows nothing of Python. A [`Runtime`] is one loop; a [`Run`](run::Run) is one load test on it.

pub mod connection;
mod event;
mod guardian;
mod host;
mod inbox;
mod lag;
pub mod mailbox;
pub mod measure;
pub mod run;
pub mod runtime;
mod script;
pub mod tcp;
mod tcp_teller;
mod teller;
pub mod timers;
pub mod watch;

pub use runtime::Runtime;
