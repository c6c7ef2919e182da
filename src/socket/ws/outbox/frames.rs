//! Frames on their way from a queue to the wire, in memory that the thread lends.

use crate::socket::spares::{Spare, Spares};

thread_local! {
    /// What connections write from.
    static SPARES: Spares<Frames> = const { Spares::new() };
}

/// What ends at a certain byte of the stream, for the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A data message of this many payload bytes.
    Message(usize),
    Ping(u64),
    Close,
}

/// The frames, with what ends where.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    pub(crate) bytes: Vec<u8>,
    pub(crate) marks: Vec<(usize, Mark)>,
    /// One of the marks is that of a ping, so the time of the write matters.
    pub(crate) has_ping: bool,
}

impl Spare for Frames {
    fn capacity(&self) -> usize {
        self.bytes.capacity() + self.marks.capacity() * size_of::<(usize, Mark)>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.marks.clear();
        self.has_ping = false;
    }
}

impl Frames {
    /// All is written: the memory goes back to the thread.
    pub(crate) fn written(&mut self) {
        self.give_back(&SPARES);
    }

    /// Memory of the thread for the first frame of a queue that has none.
    pub(super) fn borrow(&mut self) {
        if self.bytes.capacity() == 0 {
            *self = SPARES.with(Spares::lend);
        }
    }

    /// Appends behind the bytes of a frame what ends there.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks.push((self.bytes.len(), mark));
    }
}
