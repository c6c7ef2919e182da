//! Requests that timed out and whose reply may still come: it is counted and reaches nobody.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::exchange::{Criteria, Exchange};
use super::id::RequestId;
use crate::clock::Instant;
use crate::conversation::matcher::Matcher;

/// So many keys are remembered for a connection, the oldest is forgotten for the next; and so many places in order.
const MOST: usize = 10_000;

/// What is still to be known of one.
#[derive(Debug)]
struct Missed<K> {
    key: Option<K>,
    written: Option<Instant>,
    /// What says which message of its reply is the last; without it has a single message.
    done: Option<Box<Criteria>>,
}

/// Those of one connection.
#[derive(Debug)]
pub(super) struct LateReplies<K> {
    missed: HashMap<RequestId, Missed<K>>,
    by_key: HashMap<K, RequestId>,
    /// Those with keys, in the order in which they timed out; some are over.
    order: VecDeque<RequestId>,
    /// Those that ask a callable of the script.
    asking: usize,
}

impl<K> Default for LateReplies<K> {
    fn default() -> Self {
        Self {
            missed: HashMap::new(),
            by_key: HashMap::new(),
            order: VecDeque::new(),
            asking: 0,
        }
    }
}

impl<K: Clone + Eq + Hash> LateReplies<K> {
    pub(super) fn is_empty(&self) -> bool {
        self.missed.is_empty()
    }

    /// Whether a callable of the script has to be asked.
    pub(super) fn needs_python(&self) -> bool {
        self.asking > 0
    }

    /// Whether no more can be waited for of those that are known by their place.
    pub(super) fn is_full_in_order(&self) -> bool {
        self.missed.len() - self.by_key.len() >= MOST
    }

    pub(super) fn has_key(&self, key: &K) -> bool {
        self.by_key.contains_key(key)
    }

    /// This one has timed out. One without a key is known by its place.
    pub(super) fn add(&mut self, id: RequestId, key: Option<K>, exchange: Exchange) {
        if let Some(key) = &key {
            self.make_room();
            self.by_key.insert(key.clone(), id);
            self.order.push_back(id);
        }
        let missed = Missed {
            key,
            written: exchange.written(),
            done: exchange.into_done(),
        };
        self.asking += usize::from(missed.asks());
        self.missed.insert(id, missed);
    }

    fn make_room(&mut self) {
        if self.by_key.len() >= MOST {
            while let Some(oldest) = self.order.pop_front() {
                if self.remove(oldest) {
                    break;
                }
            }
        }
        // Where replies do come, however late, those that are over would lie here for ever.
        if self.order.len() >= 2 * MOST {
            let missed = &self.missed;
            self.order.retain(|id| missed.contains_key(id));
        }
    }

    /// Its last byte left with a write that began then, late as it is.
    pub(super) fn wrote(&mut self, id: RequestId, at: Instant) {
        if let Some(missed) = self.missed.get_mut(&id) {
            missed.written.get_or_insert(at);
        }
    }

    /// Whose reply a message with this key is.
    pub(super) fn find(&self, key: &K) -> Option<RequestId> {
        self.by_key.get(key).copied()
    }

    /// Whether what arrives now may be its reply.
    pub(super) fn is_written_by(&self, id: RequestId, at: Instant) -> bool {
        let written = self.missed.get(&id).and_then(|missed| missed.written);
        written.is_some_and(|written| written <= at)
    }

    /// What its last message is known by, if it may have several.
    pub(super) fn done(&self, id: RequestId) -> Option<&Matcher> {
        self.missed.get(&id)?.done()
    }

    /// Its reply has come. Whether it was still to come.
    pub(super) fn remove(&mut self, id: RequestId) -> bool {
        let Some(missed) = self.missed.remove(&id) else {
            return false;
        };
        self.asking -= usize::from(missed.asks());
        if let Some(key) = &missed.key {
            self.by_key.remove(key);
        }
        true
    }
}

impl<K> Missed<K> {
    fn done(&self) -> Option<&Matcher> {
        self.done.as_ref()?.done.as_ref()
    }

    fn asks(&self) -> bool {
        self.done().is_some_and(Matcher::needs_python)
    }
}
