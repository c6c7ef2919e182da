//! Who lets a session read and write.
//!
//! A [`session`] is bytes in, facts out: it holds no socket, no task and no timer, and never waits. A driver has the
//! stream and gives both their turn.
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`session`] | what every driver asks of a session |
//! | [`turn`] | one turn, the same for every driver: tend, write, read, answer, give up what is late |
//! | [`task`] | the driver of a stream that tokio watches: a task of its own |

pub mod session;
pub mod task;
pub(super) mod turn;
