//! One connection to a peer: states facts, decides nothing.
//!
//! | floor | rooms | data meets them |
//! | --- | --- | --- |
//! | [`dial`] | routes → resolve → connect → proxy, led by the dialer, timed by phases | before the first byte |
//! | [`tls`] | settings → configs → failure | then, if asked for |
//! | [`ws`] | request → upgrade → session ⇄ decoder, outbox → fact | then, for each frame |
//! | [`tcp`] | queue → session → fact | or these, for each piece |
//!
//! Beside the stairs: [`keeper`], who has the stream of a session and gives it its turns, and the [`reactor`], which is one; [`stream`], the bytes on the wire, counted; [`arrival`], when they came; [`error`], what may go wrong anywhere;
//! `os_error`, what the system's refusals mean; `limits`, what this machine has run out of; [`queue`], `cork`, `spares`
//! and `read_rate`, what both kinds of session need for writing and reading; [`hosts`], `literal` and [`local`], names and addresses as people write them.

pub mod arrival;
mod cork;
pub mod dial;
pub mod error;
pub mod hosts;
pub mod keeper;
mod limits;
mod literal;
pub mod local;
mod os_error;
pub mod queue;
pub mod reactor;
mod read_rate;
mod spares;
pub mod stream;
pub mod tcp;
pub mod tls;
pub mod ws;
