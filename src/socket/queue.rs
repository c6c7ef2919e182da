//! What every queue of unwritten bytes answers, and how its session is told to write.
//!
//! The queues themselves are the outbox of a WebSocket and the queue of a raw TCP connection.

/// Why something was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The closing handshake has begun, or the session is over.
    NotOpen,
    /// The bytes waiting would exceed the limit; they drain as the peer reads.
    Full,
}

/// It was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The queue was empty, so the driver must be told.
    pub is_first: bool,
    /// So much is waiting that the sockets should get a turn before the script goes on.
    pub wants_turn: bool,
}

/// A session, as its queue knows it.
pub trait Flush: Send + Sync {
    /// Writes what is queued, now and on this thread. Call from within the runtime.
    fn flush(&self);
}
