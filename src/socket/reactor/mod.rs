//! Keeps all open plain sockets of a loop: as data in a slab, served by one poller that tokio waits for.
//!
//! A connection has no task, no waker and no timer of its own. The [`Reactor`] is a lock around all of them, taken once
//! for a turn and once for what a batch of handlers has queued; whoever drives the runtime takes it. The task that
//! waits for the poller ([`serve`]) belongs to tokio's runtime, is driven by whoever drives that, and ends with it.
//!
//! | room | what happens there |
//! | --- | --- |
//! | `kept` | the reactor as others know it: who leaves a connection here, or has queued something for one |
//! | `state` | the connections: whose turn it is, how a turn ends |
//! | `serve` | the task that waits: for the poller, for the next deadline, for work that somebody else made |
//! | `slab`, `deadlines` | where connections lie, and when they want to be looked at |
//! | `connection`, `socket` | one of them: its session, and its socket as far as it is known to be ready |
//!
//! | bound | how much | what happens then |
//! | --- | --- | --- |
//! | connections with a turn before a waiting script is looked at | 256 | the others have theirs next, without waiting |
//! | reads of one connection in its turn | 8, as with every [keeper](super::keeper) | it is behind the others |
//! | what the poller tells at once | 256 connections | it tells the rest when it is asked again |

mod connection;
mod deadlines;
mod kept;
mod serve;
mod slab;
mod socket;
mod state;

pub use kept::Reactor;
pub use serve::serve;

#[cfg(test)]
mod tests;
