//! The only place that wires the layers: sockets to mailbox, facts to metrics, schedule to VUs.
//!
//! Knows nothing of Python. A [`Runtime`] is one loop; a [`Run`](run::Run) is one load test on it.
//!
//! | floor | what it is |
//! | --- | --- |
//! | [`runtime`] | one loop: sockets, timers and the mailbox, driven by the VU thread |
//! | [`ws`], [`tcp`] | connections: the script's handle of each, and the observer that hears its session |
//! | [`framing`] | connections whose bytes are cut into messages |
//! | [`conversation`] | requests and rules of a connection: who takes a message before the script does |
//! | [`measure`] | what facts mean: samples |
//! | [`context`] | what a run gives to its connections: numbers, network, TLS, wire log |
//! | [`run`] | a load test: the schedule's orders to VUs, thresholds, outputs |

pub mod context;
pub mod conversation;
pub mod framing;
#[cfg(test)]
mod ledger;
pub mod measure;
pub mod run;
pub mod runtime;
pub mod tcp;
pub mod ws;

pub use runtime::Runtime;
