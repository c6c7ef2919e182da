//! One loop, and what the driver and the VU thread hand to each other.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`event_loop`] | [`Runtime`]: the sockets run until there is something for the script to do |
//! | [`mailbox`], `event` | events for the script, bounded for each connection, in rounds |
//! | [`timers`], `alarm`, [`watch`] | events that time brings, and other people's descriptors |
//! | `shared` | what driver, VU thread and connections meet in |
//! | `handover` | a batch on its way to Python; `lag` says how long its events waited |
//! | `guardian` | drives while a handler keeps the VU thread |
//! | `tokio_runtime` | what is below all of it, and what becomes part of that |
//! | `embedded` | the guardian drives always: the program has an event loop of its own |

mod alarm;
mod embedded;
mod event;
pub mod event_loop;
mod guardian;
mod handover;
pub(super) mod lag;
pub mod mailbox;
pub(super) mod shared;
pub mod timers;
mod tokio_runtime;
pub mod watch;

pub use event_loop::Runtime;
