//! Requests under way on one connection: from the call that makes them to the one outcome that each of them has.
//!
//! | part | what it knows |
//! | --- | --- |
//! | [`Requests`] | who waits for a reply, in which order, until when; made = answered + failed |
//! | [`outcome`] | what becomes of one |
//! | [`exchange`] | the clock of one request, and what came of its reply so far |
//! | `finding` | whose reply a message is |
//! | [`outcome`] | what became of a request, and what came meanwhile |
//! | [`late`] | requests that timed out, so that their replies reach nobody else |
//! | [`by_key`] | which of them has a key |
//! | [`deadlines`] | which of them times out next |
//! | [`lost`] | what a connection takes with it that another one replaces |
//! | [`planned`] | since when it was planned, where a timetable said so |
//! | [`slot`] | where each of them lies |

use std::collections::VecDeque;
use std::hash::Hash;

use crate::clock::Instant;

mod by_key;
mod deadlines;
pub mod exchange;
mod finding;
mod id;
mod late;
mod lost;
pub mod outcome;
mod planned;
mod slot;

use by_key::ByKey;
use deadlines::Deadlines;
pub use exchange::{Answer, Exchange, Step};
pub use id::RequestId;
use late::LateReplies;
pub use outcome::{Failure, Outcome};
use planned::Plans;
pub use slot::Place;
use slot::{Numbered, Slot};

/// Why a request has no place among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// Its key belongs to one under way, or to one whose late reply is still to come.
    DuplicateKey,
    /// As many late replies are still to come before its own as are waited for.
    Unanswered,
}

/// What a received message is to the requests under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The reply to this one, or a part of it.
    Request(RequestId),
    /// The reply to this one, or a part of it, which has timed out: nobody gets it.
    Late(RequestId),
    /// Nothing.
    Nobody,
}

/// Requests of one connection.
#[derive(Debug)]
pub struct Requests<K> {
    slots: Vec<Numbered<K>>,
    free: Vec<u32>,
    by_key: ByKey,
    /// Those known by their order, the oldest first. One that timed out keeps its place.
    in_order: VecDeque<RequestId>,
    by_match: Vec<RequestId>,
    deadlines: Deadlines,
    late: LateReplies<K>,
    plans: Plans,
    under_way: usize,
}

impl<K> Default for Requests<K> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_key: ByKey::default(),
            in_order: VecDeque::new(),
            by_match: Vec::new(),
            deadlines: Deadlines::default(),
            late: LateReplies::default(),
            plans: Plans::default(),
            under_way: 0,
        }
    }
}

impl<K: Clone + Eq + Hash> Requests<K> {
    /// Whether no message can be a reply, be it late.
    pub fn awaits_nothing(&self) -> bool {
        self.under_way == 0 && self.in_order.is_empty() && self.late.is_empty()
    }

    /// How many have no outcome yet.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Begins a request that is not written yet. It is held until [`Requests::let_go`] where `is_held` says so.
    pub fn begin(
        &mut self,
        place: Place<K>,
        exchange: Exchange,
        is_held: bool,
    ) -> Result<RequestId, NoPlace> {
        let mut hash = None;
        match &place {
            Place::Key(key) => {
                let its = self.by_key.hash(key);
                if self.number_of(its, key).is_some() || self.late.has_key(key) {
                    return Err(NoPlace::DuplicateKey);
                }
                hash = Some(its);
            }
            // None of them can be forgotten: all replies behind it would go to the wrong request.
            Place::Order if self.late.is_full_in_order() => return Err(NoPlace::Unanswered),
            _ => {}
        }
        let deadline = exchange.deadline();
        let id = self.insert(place, hash, exchange, is_held);
        if let Some(deadline) = deadline {
            self.deadlines.add(deadline, id);
        }
        Ok(id)
    }

    fn number_of(&self, hash: u64, key: &K) -> Option<u32> {
        self.by_key
            .find(hash, key, |number| self.slots[number as usize].key())
    }

    /// `hash` is that of its key, if it has one.
    fn insert(
        &mut self,
        place: Place<K>,
        hash: Option<u64>,
        exchange: Exchange,
        is_held: bool,
    ) -> RequestId {
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Numbered::new());
            // More requests than that have no room in any memory.
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let numbered = &mut self.slots[number as usize];
        let id = RequestId {
            slot: number,
            generation: numbered.generation,
        };
        numbered.is_held = is_held;
        numbered.is_wanted = false;
        match &place {
            Place::Key(_) => {}
            Place::Order => self.in_order.push_back(id),
            Place::Match => self.by_match.push(id),
        }
        numbered.slot = Slot::UnderWay(place, exchange);
        if let Some(hash) = hash {
            let slots = &self.slots;
            self.by_key
                .insert(hash, number, |number| slots[number as usize].key());
        }
        self.under_way += 1;
        id
    }

    /// The one under way with this number.
    pub fn get(&mut self, id: RequestId) -> Option<&mut Exchange> {
        match &mut self.numbered(id)?.slot {
            Slot::UnderWay(_, exchange) => Some(exchange),
            _ => None,
        }
    }

    /// A timetable had said when it was to be made.
    pub fn plan(&mut self, id: RequestId, planned: Instant) {
        self.plans.add(id, planned);
    }

    /// When a timetable had it made, of one that has no outcome yet; once.
    pub fn take_plan(&mut self, id: RequestId) -> Option<Instant> {
        self.plans.take(id)
    }

    /// Whether its message has found room: it will be written then, if anything is.
    pub fn queued(&mut self, id: RequestId, is_queued: bool) {
        if let Some(exchange) = self.get(id) {
            exchange.is_queued = is_queued;
        }
    }

    /// Its last byte left with a write that began then.
    pub fn wrote(&mut self, id: RequestId, at: Instant) {
        match self.get(id) {
            Some(exchange) => exchange.wrote(at),
            None => self.late.wrote(id, at),
        }
    }

    /// Those that know their reply by a matcher, the oldest first.
    pub fn by_match(&self) -> impl Iterator<Item = RequestId> {
        self.by_match.iter().copied()
    }

    /// Gives one its outcome. Whether somebody waits to be told.
    pub fn end(&mut self, id: RequestId, outcome: Outcome) -> bool {
        let Some(numbered) = self.numbered(id) else {
            return false;
        };
        if !matches!(numbered.slot, Slot::UnderWay(..)) {
            return false;
        }
        let is_late = outcome.may_be_followed();
        let is_wanted = std::mem::take(&mut numbered.is_wanted);
        let is_held = numbered.is_held;
        let slot = std::mem::replace(&mut numbered.slot, Slot::Ended(outcome));
        self.under_way -= 1;
        self.plans.take(id);
        if let Slot::UnderWay(place, exchange) = slot {
            // What was never sent is never answered.
            let late = Some(exchange).filter(|one| is_late && one.may_be_answered());
            self.leave(id, place, late);
        }
        if !is_held {
            self.free(id);
        }
        is_wanted
    }

    /// One that has ended leaves its place; where its reply may still come, something stays there for it.
    fn leave(&mut self, id: RequestId, place: Place<K>, late: Option<Exchange>) {
        match place {
            Place::Key(key) => {
                self.by_key.remove(&key, id.slot);
                if let Some(exchange) = late {
                    self.late.add(id, Some(key), exchange);
                }
            }
            Place::Order => match late {
                Some(exchange) => self.late.add(id, None, exchange),
                None if self.in_order.front() == Some(&id) => drop(self.in_order.pop_front()),
                None if self.in_order.back() == Some(&id) => drop(self.in_order.pop_back()),
                None => self.in_order.retain(|other| *other != id),
            },
            Place::Match => self.by_match.retain(|other| *other != id),
        }
    }

    /// The next instant at which one times out.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        while let Some((at, id)) = self.deadlines.first() {
            if self.get(id).is_some() {
                return Some(at);
            }
            self.deadlines.drop_first();
        }
        None
    }

    /// One whose time has come by `now`.
    pub fn next_due(&mut self, now: Instant) -> Option<RequestId> {
        let at = self.next_deadline()?;
        if at > now {
            return None;
        }
        self.deadlines.first().map(|(_, id)| id)
    }

    /// No reply can come any more: whoever ends from now on leaves nothing behind.
    pub fn leave_all(&mut self) {
        self.by_key.clear();
        self.in_order.clear();
        self.by_match.clear();
        self.late = LateReplies::default();
    }

    /// Any that is under way, for the end of all.
    pub fn all_under_way(&self) -> Vec<RequestId> {
        (0..)
            .zip(&self.slots)
            .filter(|(_, numbered)| matches!(numbered.slot, Slot::UnderWay(..)))
            .map(|(slot, numbered)| RequestId {
                slot,
                generation: numbered.generation,
            })
            .collect()
    }

    /// Whether it has an outcome; if not, somebody is to be told when it has.
    pub fn want(&mut self, id: RequestId) -> bool {
        match self.numbered(id) {
            Some(numbered) if matches!(numbered.slot, Slot::UnderWay(..)) => {
                numbered.is_wanted = true;
                false
            }
            _ => true,
        }
    }

    /// Whether it has an outcome.
    pub fn has_ended(&mut self, id: RequestId) -> bool {
        self.get(id).is_none()
    }

    /// Takes the outcome of one that has ended; its number serves again.
    pub fn take(&mut self, id: RequestId) -> Option<Outcome> {
        let numbered = self.numbered(id)?;
        if !matches!(numbered.slot, Slot::Ended(_)) {
            return None;
        }
        let slot = std::mem::replace(&mut numbered.slot, Slot::Free);
        self.free(id);
        match slot {
            Slot::Ended(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Nobody will ask for it any more.
    pub fn let_go(&mut self, id: RequestId) {
        let Some(numbered) = self.numbered(id) else {
            return;
        };
        numbered.is_held = false;
        numbered.is_wanted = false;
        if matches!(numbered.slot, Slot::Ended(_)) {
            self.free(id);
        }
    }

    fn free(&mut self, id: RequestId) {
        let numbered = &mut self.slots[id.slot as usize];
        numbered.slot = Slot::Free;
        numbered.generation = (numbered.generation + 1) & RequestId::LAST_GENERATION;
        self.free.push(id.slot);
        self.deadlines.tidy(self.under_way, |one| {
            self.slots.get(one.slot as usize).is_some_and(|slot| {
                slot.generation == one.generation && matches!(slot.slot, Slot::UnderWay(..))
            })
        });
    }

    fn id(&self, slot: u32) -> RequestId {
        RequestId {
            slot,
            generation: self.slots[slot as usize].generation,
        }
    }

    fn numbered(&mut self, id: RequestId) -> Option<&mut Numbered<K>> {
        self.slots
            .get_mut(id.slot as usize)
            .filter(|numbered| numbered.generation == id.generation)
    }
}

#[cfg(test)]
mod tests;
