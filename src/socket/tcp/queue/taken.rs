//! Writes on their way from a queue to the wire, in memory that the thread lends.

use crate::socket::queue::Origin;
use crate::socket::spares::{Spare, Spares};

thread_local! {
    /// What connections write from.
    static SPARES: Spares<Taken> = const { Spares::new() };
}

/// Writes, as a session takes them.
#[derive(Debug, Default)]
pub(in crate::socket::tcp) struct Taken {
    pub(in crate::socket::tcp) bytes: Vec<u8>,
    /// Where each write ends in `bytes`.
    pub(in crate::socket::tcp) ends: Vec<usize>,
    /// Where those of them end that are not just the script's, and whose they are.
    pub(in crate::socket::tcp) marks: Vec<(usize, Origin)>,
}

impl Spare for Taken {
    fn capacity(&self) -> usize {
        self.bytes.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.marks.capacity() * size_of::<(usize, Origin)>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.marks.clear();
    }
}

impl Taken {
    /// Appends a write.
    pub(super) fn add(&mut self, data: &[u8], origin: Origin) {
        if self.ends.capacity() == 0 {
            *self = SPARES.with(Spares::lend);
        }
        self.bytes.extend_from_slice(data);
        self.ends.push(self.bytes.len());
        if origin != Origin::Script {
            self.marks.push((self.bytes.len(), origin));
        }
    }

    /// All is written: the memory goes back to the thread.
    pub(in crate::socket::tcp) fn written(&mut self) {
        self.give_back(&SPARES);
    }
}
