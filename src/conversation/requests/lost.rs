//! A connection is gone, and another one may take its place: what it takes with it, and what waits for the next one.

use std::hash::Hash;

use super::late::LateReplies;
use super::{RequestId, Requests, Slot};

impl<K: Clone + Eq + Hash> Requests<K> {
    /// No reply can come to what was sent: those leave their places, and nothing late is waited for. Which they are;
    /// others keep their places, in order.
    pub fn leave_sent(&mut self) -> Vec<RequestId> {
        let slots = &self.slots;
        let waits = |slot: u32| matches!(&slots[slot as usize].slot, Slot::UnderWay(_, exchange) if !exchange.may_be_answered());
        self.by_key.retain(waits);
        self.in_order.retain(|id| waits(id.slot));
        self.by_match.retain(|id| waits(id.slot));
        self.late = LateReplies::default();
        let mut sent = self.all_under_way();
        sent.retain(|id| !waits(id.slot));
        sent
    }
}
