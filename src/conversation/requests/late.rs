//! Keys of requests that timed out: a reply that comes after all is counted and reaches nobody.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

/// So many are remembered for a connection; the oldest is forgotten for the next.
const MOST: usize = 10_000;

#[derive(Debug)]
pub(super) struct LateKeys<K> {
    open: HashSet<K>,
    /// In the order in which they timed out; those whose reply came are still in it.
    order: VecDeque<K>,
}

impl<K> Default for LateKeys<K> {
    fn default() -> Self {
        Self {
            open: HashSet::new(),
            order: VecDeque::new(),
        }
    }
}

impl<K: Clone + Eq + Hash> LateKeys<K> {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.open.contains(key)
    }

    pub(super) fn add(&mut self, key: K) {
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.open.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.open.insert(key);
    }

    /// Whether its reply was still to come; it is not any more.
    pub(super) fn take(&mut self, key: &K) -> bool {
        if !self.open.remove(key) {
            return false;
        }
        // Most replies that are late come in the order in which they are late.
        if self.order.front() == Some(key) {
            self.order.pop_front();
        } else {
            self.order.retain(|other| other != key);
        }
        true
    }
}
