//! The WebSocket protocol (RFC 6455), as a client speaks it.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`request`], [`upgrade`] | the stream of a dial becomes a WebSocket, or the server says why not |
//! | [`session`] | bytes in, facts out; it has no stream and never waits: its [keeper](super::keeper) gives it its turn |
//! | [`decoder`] | bytes in, whole messages out; [`deflate`] inflates them |
//! | [`outbox`] | messages in, frames out: masked, maybe compressed, waiting to be written |
//! | [`frame`], [`close`], `pings` | the parts of the protocol that both directions know |
//! | [`fact`] | what a session says to its observer |
//! | [`wire_log`] | every frame shown to a person, with secrets masked |

pub mod close;
pub mod decoder;
pub mod deflate;
pub mod fact;
pub mod frame;
pub mod outbox;
mod pings;
pub mod request;
pub mod session;
pub mod upgrade;
pub mod wire_log;
