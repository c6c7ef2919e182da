//! Whose reply a message is: of a request under way, or of one that has timed out.

use std::hash::Hash;

use super::{Found, RequestId, Requests};
use crate::clock::Instant;
use crate::conversation::matcher::Matcher;

impl<K: Clone + Eq + Hash> Requests<K> {
    /// Whose reply a message is that carries this key.
    pub fn find_key(&mut self, key: &K, at: Instant) -> Found {
        if let Some(number) = self.number_of(self.by_key.hash(key), key) {
            let id = self.id(number);
            return match self.get(id) {
                // What came before it was written answers something else.
                Some(exchange) if exchange.is_written_by(at) => Found::Request(id),
                _ => Found::Nobody,
            };
        }
        match self.late.find(key) {
            Some(id) if self.late.is_written_by(id, at) => Found::Late(id),
            _ => Found::Nobody,
        }
    }

    /// Whose reply the next message is, where replies come in the order of the requests.
    pub fn find_in_order(&mut self, at: Instant) -> Found {
        let Some(&id) = self.in_order.front() else {
            return Found::Nobody;
        };
        match self.get(id).map(|one| one.is_written_by(at)) {
            Some(true) => Found::Request(id),
            None if self.late.is_written_by(id, at) => Found::Late(id),
            _ => Found::Nobody,
        }
    }

    /// What the last message of a late reply is known by, if it may have several.
    pub fn late_done(&self, id: RequestId) -> Option<&Matcher> {
        self.late.done(id)
    }

    /// The late reply to this one has come, all of it.
    pub fn came_late(&mut self, id: RequestId) {
        self.late.remove(id);
        if self.in_order.front() == Some(&id) {
            self.in_order.pop_front();
        }
    }

    /// Whether a callable of the script has a say in late replies.
    pub fn late_needs_python(&self) -> bool {
        self.late.needs_python()
    }
}
