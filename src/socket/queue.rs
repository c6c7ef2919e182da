//! What every queue of unwritten bytes answers, and how its session is told to write.
//!
//! The queues themselves are the outbox of a WebSocket and the queue of a raw TCP connection.

use std::fmt;
use std::sync::Weak;

/// Why something was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The closing handshake has begun, or the session is over.
    NotOpen,
    /// The bytes waiting would exceed the limit; they drain as the peer reads.
    Full,
    /// As `Full`, to who waited for room: the peer took nothing for too long, and the session has ended for it.
    GivenUp,
}

/// Whose a message is that is sent, for the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The script's.
    Script,
    /// The script's, and the request with this number: when it is written matters.
    Request(u64),
    /// A rule's, which answers with it.
    Rule {
        /// A callable of the script has made it.
        by_script: bool,
    },
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

    /// Where the session is, if the reactor keeps it: then that is told instead.
    fn key(&self) -> Option<Key> {
        None
    }
}

impl fmt::Debug for dyn Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flush")
    }
}

/// Who keeps the session of a queue, and writes what is queued.
#[derive(Clone, Debug)]
pub enum Keeper {
    /// A task of its own.
    Task(Weak<dyn Flush>),
    /// The reactor.
    Reactor(Key),
}

/// The place of a connection in the reactor. No two connections ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Which place.
    pub(super) index: u32,
    /// How often that place was left before.
    pub(super) generation: u32,
}
