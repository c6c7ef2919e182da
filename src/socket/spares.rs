//! Buffers that a thread lends to the connections that write just now.
//!
//! A connection writes seldom, and thousands of them are idle: each with a buffer of its own would keep what its
//! largest message needed. What is written in the same turn takes one from here and gives it back.

use std::cell::RefCell;
use std::thread::LocalKey;

/// A buffer larger than this goes back to the allocator.
const KEEP_CAPACITY: usize = 16 * 1024;
/// A smaller one stays with its connection: it needs less than an idle connection does anyway.
const SMALL: usize = 512;
/// Buffers that a thread keeps at most.
const MAX_SPARES: usize = 64;

/// What can be lent.
pub(super) trait Spare: Default {
    /// Bytes that it holds on to, whatever is in it.
    fn capacity(&self) -> usize;
    /// Empties it.
    fn clear(&mut self);
    /// Gives it back to those of the thread, unless it is too little to be worth the way.
    fn give_back(&mut self, spares: &'static LocalKey<Spares<Self>>) {
        if self.capacity() <= SMALL {
            self.clear();
        } else {
            spares.with(|spares| spares.take_back(self));
        }
    }
}

/// The buffers of a thread that nobody uses.
pub(super) struct Spares<T>(RefCell<Vec<T>>);

impl<T: Spare> Spares<T> {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// An empty one.
    pub(super) fn lend(&self) -> T {
        self.0.borrow_mut().pop().unwrap_or_default()
    }

    /// Leaves nothing of `used` with its user.
    pub(super) fn take_back(&self, used: &mut T) {
        let mut spare = std::mem::take(used);
        let mut spares = self.0.borrow_mut();
        if (1..=KEEP_CAPACITY).contains(&spare.capacity()) && spares.len() < MAX_SPARES {
            spare.clear();
            spares.push(spare);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Spare for Vec<u8> {
        fn capacity(&self) -> usize {
            Vec::capacity(self)
        }

        fn clear(&mut self) {
            Vec::clear(self);
        }
    }

    #[test]
    fn a_buffer_is_used_again_unless_it_is_large_and_nobody_keeps_one() {
        let spares = Spares::new();
        let mut first: Vec<u8> = spares.lend();
        assert_eq!(first.capacity(), 0);
        first.extend_from_slice(&[7; 100]);
        spares.take_back(&mut first);
        assert_eq!(first.capacity(), 0);
        let mut second = spares.lend();
        assert!(second.is_empty() && second.capacity() >= 100);
        second.reserve(2 * KEEP_CAPACITY);
        spares.take_back(&mut second);
        assert_eq!(spares.lend().capacity(), 0);
    }
}
