//! Writes on their way from a queue to the wire, in memory that the thread lends.

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
    /// Where those of them end that are requests, and their numbers.
    pub(in crate::socket::tcp) requests: Vec<(usize, u64)>,
}

impl Spare for Taken {
    fn capacity(&self) -> usize {
        self.bytes.capacity()
            + self.ends.capacity() * size_of::<usize>()
            + self.requests.capacity() * size_of::<(usize, u64)>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.requests.clear();
    }
}

impl Taken {
    /// Appends a write, perhaps a request.
    pub(super) fn add(&mut self, data: &[u8], request: Option<u64>) {
        if self.ends.capacity() == 0 {
            *self = SPARES.with(Spares::lend);
        }
        self.bytes.extend_from_slice(data);
        self.ends.push(self.bytes.len());
        if let Some(number) = request {
            self.requests.push((self.bytes.len(), number));
        }
    }

    /// All is written: the memory goes back to the thread.
    pub(in crate::socket::tcp) fn written(&mut self) {
        self.give_back(&SPARES);
    }
}
