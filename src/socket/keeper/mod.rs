//! Who has the stream of a session and gives it its turns.
//!
//! A [`session`] is bytes in, facts out: it holds no socket, no task and no timer, and never waits. Its keeper does.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`session`] | what every keeper asks of a session |
//! | `turn` | one turn, the same for every keeper: tend, write, read, answer, give up what is late |
//! | [`task`] | keeps one stream that tokio watches, of whatever kind |
//!
//! The other keeper has all plain sockets of a loop: the [reactor](super::reactor).

pub mod session;
pub mod task;
pub(super) mod turn;
