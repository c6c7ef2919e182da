//! Events on their way to the script: filled by whoever drives the runtime, emptied in batches by the
//! VU thread.
//!
//! They lie in *rounds*. A connection has a share of each, some [`SHARE`] bytes of messages; what it brings
//! beyond goes into the next round. So a peer that floods delays the message of a quiet one by its share at
//! most, and the order of each connection stays.
//!
//! Payloads of small messages lie one behind the other in the arena of their round, so a message costs no
//! allocation, and a backlog gives its memory back round by round. Per connection at most [`MAX_MESSAGES`] or
//! [`MAX_BYTES`] may lie here undelivered, overshot by one read at most; then that connection is not read
//! until the script has caught up. When all together reach [`BUDGET`], only connections of which nothing is
//! undelivered are read. Nothing is ever dropped here.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

pub use super::event::{Event, EventKind, Payload, ReceiverId};
use crate::clock::Instant;
use crate::socket::queue::Flush;

/// Undelivered messages of a connection above which it is not read.
pub const MAX_MESSAGES: u32 = 1024;
/// Undelivered payload bytes of a connection above which it is not read.
pub const MAX_BYTES: usize = 1 << 20;
/// Memory of all undelivered messages above which nobody is read who has one.
pub const BUDGET: usize = 64 << 20;
/// What a message takes in memory beside its bytes.
const MESSAGE_COST: usize = size_of::<Event>();
/// What a connection may have in a round, where a message counts [`SHARE_OF_MESSAGE`] and its bytes.
pub const SHARE: usize = 16 * 1024;
/// Beside its bytes. Not more: a burst of small messages that is cut into rounds is answered with as many writes.
const SHARE_OF_MESSAGE: usize = 128;
/// Events that are handed out at once; rounds are taken until there are as many.
pub const MAX_BATCH: usize = 256;
/// Emptied rounds that are kept for their memory.
const SPARE_ROUNDS: usize = 4;

/// How far a script is behind on one connection.
#[derive(Debug, Default)]
struct Backlog {
    messages: u32,
    bytes: usize,
    /// The latest round with something of this connection, and how much of its share there is used.
    round: u64,
    used: usize,
    /// The connection that waits for room.
    paused: Option<Arc<dyn Flush>>,
    /// It waits until nothing is left, not just for room.
    awaits_all: bool,
}

/// Events, and the bytes of their messages.
#[derive(Debug, Default)]
struct Round {
    events: Vec<Event>,
    arena: Vec<u8>,
}

impl Round {
    fn clear(&mut self) {
        self.events.clear();
        self.arena.clear();
        // A burst must not keep its memory for ever.
        self.events.shrink_to(1024);
        self.arena.shrink_to(256 * 1024);
    }
}

/// What the events that were taken refer to.
#[derive(Debug, Default)]
pub struct Batch {
    rounds: Vec<Round>,
}

impl Batch {
    /// The bytes of a message event.
    pub fn bytes<'a>(&'a self, payload: &'a Payload) -> &'a [u8] {
        match payload {
            Payload::Inline {
                arena,
                length,
                start,
            } => &self.rounds[*arena as usize].arena[*start..*start + *length as usize],
            Payload::Owned(bytes) => bytes,
            _ => &[],
        }
    }

    /// Lets go of the bytes: all events that refer to them have been handed out.
    pub fn clear(&mut self) {
        self.rounds.truncate(SPARE_ROUNDS);
        self.rounds.iter_mut().for_each(Round::clear);
    }
}

/// The queue between the runtime and the VU thread.
#[derive(Debug)]
pub struct Mailbox {
    /// Never empty; the first one is handed out next.
    rounds: VecDeque<Round>,
    /// The number of the first one. From 1, so that whoever never had an event is behind it.
    number: u64,
    spare: Vec<Round>,
    backlogs: Vec<Backlog>,
    /// Memory of all undelivered messages.
    undelivered: usize,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            rounds: VecDeque::from([Round::default()]),
            number: 1,
            spare: Vec::new(),
            backlogs: Vec::new(),
            undelivered: 0,
        }
    }
}

impl Mailbox {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        // A later round is begun by an event.
        self.rounds[0].events.is_empty()
    }

    /// Queues an event that is not a message, behind all of its connection.
    pub fn push(&mut self, event: Event) {
        let backlog = self.backlogs.get(event.receiver as usize);
        let ahead = backlog.map_or(0, |one| one.round.saturating_sub(self.number));
        self.round(ahead).events.push(event);
    }

    /// Queues a message. False when the connection should not be read further for now.
    pub fn push_message(
        &mut self,
        receiver: ReceiverId,
        kind: EventKind,
        data: Cow<'_, [u8]>,
        at: Instant,
    ) -> bool {
        let length = data.len();
        let (round, has_room) = self.admit(receiver, length);
        let payload = match data {
            Cow::Owned(bytes) => Payload::Owned(bytes),
            Cow::Borrowed(bytes) => match u32::try_from(length) {
                Ok(length) => {
                    let start = round.arena.len();
                    round.arena.extend_from_slice(bytes);
                    Payload::Inline {
                        arena: 0,
                        length,
                        start,
                    }
                }
                Err(_) => Payload::Owned(bytes.to_vec()),
            },
        };
        round.events.push(Event {
            receiver,
            kind,
            payload,
            at,
        });
        has_room
    }

    /// Queues a ping or pong; they count as messages, so that a flood of them is not read either.
    pub fn push_control(&mut self, receiver: ReceiverId, kind: EventKind, at: Instant) -> bool {
        let (round, has_room) = self.admit(receiver, 0);
        round.events.push(Event::bare(receiver, kind, at));
        has_room
    }

    /// The round for a message of this length, which counts from now on, and whether more may be read.
    #[inline]
    fn admit(&mut self, receiver: ReceiverId, length: usize) -> (&mut Round, bool) {
        self.undelivered += length + MESSAGE_COST;
        let (now, undelivered) = (self.number, self.undelivered);
        let backlog = self.backlog(receiver);
        backlog.messages += 1;
        backlog.bytes += length;
        // Its share of the round is used up, or that round has been handed out.
        if backlog.round < now {
            (backlog.round, backlog.used) = (now, 0);
        } else if backlog.used >= SHARE {
            (backlog.round, backlog.used) = (backlog.round + 1, 0);
        }
        backlog.used += SHARE_OF_MESSAGE + length;
        let has_room = !backlog.is_full(undelivered);
        let ahead = backlog.round - now;
        (self.round(ahead), has_room)
    }

    /// A round that is there, or the one behind the last.
    #[inline]
    fn round(&mut self, ahead: u64) -> &mut Round {
        // A connection goes from one round to the next, so there is no gap.
        let index = usize::try_from(ahead).map_or(self.rounds.len(), |index| index);
        let index = index.min(self.rounds.len());
        if index == self.rounds.len() {
            let round = self.spare.pop().unwrap_or_default();
            self.rounds.push_back(round);
        }
        &mut self.rounds[index]
    }

    /// Whether `receiver` may be read; if not, `queue` is flushed when it may.
    pub fn has_room<Q: Flush + 'static>(&mut self, receiver: ReceiverId, queue: &Arc<Q>) -> bool {
        let undelivered = self.undelivered;
        let backlog = self.backlog(receiver);
        if backlog.is_full(undelivered) {
            backlog.paused = Some(queue.clone());
            return false;
        }
        true
    }

    /// How many messages of `receiver` are undelivered.
    pub fn undelivered(&mut self, receiver: ReceiverId) -> u32 {
        self.backlog(receiver).messages
    }

    /// Whether nothing of `receiver` is undelivered; if not, `queue` is flushed when that is so.
    pub fn is_all_delivered<Q: Flush + 'static>(
        &mut self,
        receiver: ReceiverId,
        queue: &Arc<Q>,
    ) -> bool {
        let backlog = self.backlog(receiver);
        backlog.awaits_all = backlog.messages > 0;
        if backlog.awaits_all {
            backlog.paused = Some(queue.clone());
        }
        !backlog.awaits_all
    }

    /// Starts the account of a new connection.
    pub fn open(&mut self, receiver: ReceiverId) {
        self.forget(receiver);
        *self.backlog(receiver) = Backlog::default();
    }

    /// Nothing of `receiver` will be delivered any more: the script has let go of it.
    pub fn forget(&mut self, receiver: ReceiverId) {
        let Backlog {
            messages, bytes, ..
        } = *self.backlog(receiver);
        self.delivered(receiver, messages, bytes);
    }

    /// Moves rounds to the end of `pending` until these are a batch, and what they refer to into `batch`,
    /// which was cleared.
    pub fn take(&mut self, batch: &mut Batch, pending: &mut VecDeque<Event>) {
        self.spare.append(&mut batch.rounds);
        self.spare.truncate(SPARE_ROUNDS);
        let enough = pending.len() + MAX_BATCH;
        while !self.is_empty() && pending.len() < enough {
            let Some(mut round) = self.rounds.pop_front() else {
                break;
            };
            if self.rounds.is_empty() {
                let next = self.spare.pop().unwrap_or_default();
                self.rounds.push_back(next);
            }
            self.number += 1;
            let number = u32::try_from(batch.rounds.len()).unwrap_or(u32::MAX);
            if number == 0 {
                pending.extend(round.events.drain(..));
            } else {
                pending.extend(round.events.drain(..).map(|event| event.lying_in(number)));
            }
            batch.rounds.push(round);
        }
    }

    /// `messages` of `receiver` with `bytes` were handed on; the connection to wake, if it waited for room.
    pub fn delivered(
        &mut self,
        receiver: ReceiverId,
        messages: u32,
        bytes: usize,
    ) -> Option<Arc<dyn Flush>> {
        let backlog = self.backlog(receiver);
        // What was forgotten may still be handed on.
        let (messages, bytes) = (messages.min(backlog.messages), bytes.min(backlog.bytes));
        backlog.messages -= messages;
        backlog.bytes -= bytes;
        let freed = bytes + messages as usize * MESSAGE_COST;
        let is_waiting = backlog.paused.is_some();
        self.undelivered = self.undelivered.saturating_sub(freed);
        if !is_waiting {
            return None;
        }
        let is_tight = self.undelivered > BUDGET;
        let backlog = self.backlog(receiver);
        let is_low = if backlog.awaits_all || is_tight {
            backlog.messages == 0
        } else {
            backlog.messages <= MAX_MESSAGES / 2 && backlog.bytes <= MAX_BYTES / 2
        };
        if is_low { backlog.paused.take() } else { None }
    }

    /// A message that was handed on is kept back by the script's side: it counts as undelivered again.
    pub fn held(&mut self, receiver: ReceiverId, bytes: usize) {
        self.undelivered += bytes + MESSAGE_COST;
        let backlog = self.backlog(receiver);
        backlog.messages += 1;
        backlog.bytes += bytes;
    }

    fn backlog(&mut self, receiver: ReceiverId) -> &mut Backlog {
        let index = receiver as usize;
        if index >= self.backlogs.len() {
            self.backlogs.resize_with(index + 1, Backlog::default);
        }
        &mut self.backlogs[index]
    }
}

impl Backlog {
    /// Whether its connection is to wait, where so much of all is undelivered.
    fn is_full(&self, undelivered: usize) -> bool {
        self.messages >= MAX_MESSAGES
            || self.bytes >= MAX_BYTES
            || (undelivered > BUDGET && self.messages > 0)
    }
}

#[cfg(test)]
mod tests;
