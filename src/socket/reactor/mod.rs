//! Keeps all open plain sockets of a loop: as data in a slab, behind one poller that tokio waits for.
//!
//! A connection has no task, no waker and no timer of its own. The [`Reactor`] is a lock around all of them. Whoever
//! drives the runtime takes it once in each poll of its future ([`Reactor::drive`]), for what a batch of handlers has
//! queued and for the turns; so what the turns bring is seen in that poll, and no task has to be run for it.
//!
//! | room | what happens there |
//! | --- | --- |
//! | `kept` | the reactor as others know it: who leaves a connection here, has queued something for one, or drives |
//! | `state` | the connections: whose turn it is, how a turn ends |
//! | `poller` | what the system has to tell of them, and who is woken for that and for the next deadline |
//! | `slab`, `deadlines` | where connections lie, and when they want to be looked at |
//! | `connection`, `socket` | one of them: its session, and its socket as far as it is known to be ready |
//!
//! | bound | how much | what happens then |
//! | --- | --- | --- |
//! | connections with a turn before a waiting script is looked at | 256 | the others have theirs next, without waiting |
//! | reads of one connection in its turn | 8, as with every [keeper](super::keeper) | it is behind the others |
//! | what the poller tells at once | 256 connections | it tells the rest when it is asked again |
//!
//! Two threads can be in [`Reactor::drive`]: one that drives, and one that has come back for the runtime and waits for
//! it. Each is polled anew when it has it, so the one that was polled last is always the one to be woken.

mod connection;
mod deadlines;
mod kept;
mod poller;
mod slab;
mod socket;
mod state;

pub use kept::Reactor;

#[cfg(test)]
mod tests;
