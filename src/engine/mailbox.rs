//! Events on their way to the script: filled by whoever drives the runtime, emptied in batches by the
//! VU thread.
//!
//! Payloads of small messages lie one behind the other in one arena, so a message costs no allocation.
//! Per connection at most [`MAX_MESSAGES`] or [`MAX_BYTES`] may lie here undelivered, overshot by one read
//! at most; then that connection is not read until the script has caught up. Nothing is ever dropped here.

use std::borrow::Cow;
use std::sync::Arc;

use super::timers::TimerId;
use crate::clock::Instant;
use crate::socket::close::CloseStatus;
use crate::socket::error::SocketError;
use crate::socket::outbox::Flush;

/// Undelivered messages of a connection above which it is not read.
pub const MAX_MESSAGES: u32 = 1024;
/// Undelivered payload bytes of a connection above which it is not read.
pub const MAX_BYTES: usize = 1 << 20;

/// Whom an event is for: an index the binding hands out.
pub type Target = u32;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EventKind {
    /// The upgrade succeeded; the connection holds the answer.
    Opened = 0,
    /// The connection could not be made; it holds the reason.
    Refused = 1,
    /// A text message.
    Text = 2,
    /// A binary message.
    Binary = 3,
    /// A ping was received and is answered.
    Ping = 4,
    /// A pong was received.
    Pong = 5,
    /// The outbox has room again.
    Writable = 6,
    /// No more messages will come.
    Closed = 7,
    /// The stream is gone; the last event of a connection.
    Ended = 8,
    /// A timer is due.
    Timer = 9,
    /// A VU is to start an iteration.
    StartIteration = 10,
    /// A VU is to be cut.
    HardStop = 11,
    /// Every scenario has finished.
    Finished = 12,
    /// A watched file descriptor is ready.
    Readable = 13,
    /// Bytes of a raw TCP connection.
    Data = 14,
    /// As many writes are done as somebody waited for.
    Written = 15,
    /// Writes never will be done.
    WriteFailed = 16,
    /// TLS was started on an open connection, or could not be.
    TlsStarted = 17,
    /// Messages of one connection that arrived one after the other, as a list; made while handing out.
    Messages = 18,
    /// A VU rests: the schedule may have something to do earlier than it said.
    Resting = 19,
}

impl EventKind {
    /// What a peer can send without end, and what is therefore bounded for each connection.
    pub fn counts_as_undelivered(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Binary | Self::Ping | Self::Pong | Self::Data
        )
    }
}

/// What comes with an event.
#[derive(Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// A message, as a range of the batch's arena.
    Inline {
        /// First byte.
        start: usize,
        /// Bytes.
        length: usize,
    },
    /// A message of its own.
    Owned(Vec<u8>),
    /// An iteration number, or a count.
    Number(u64),
    /// Which VU is to start which iteration of the scenario at this position.
    Start {
        /// Its position in the pool.
        vu: u32,
        /// Position of the scenario.
        scenario: u32,
        /// The number of the iteration within the scenario.
        number: u64,
    },
    /// Which timer is due, and whether for the last time.
    Timer(TimerId, bool),
    /// What went wrong, if anything.
    Failure(Option<Box<SocketError>>),
    /// How many writes failed, how many bytes of the first had gone, and why.
    WriteFailed(Box<(u64, usize, SocketError)>),
    /// How a session ended.
    Closed(Box<(CloseStatus, Option<SocketError>)>),
}

/// One thing for the script to know.
#[derive(Debug)]
pub struct Event {
    /// For whom; nothing for a timer, which its payload names.
    pub target: Target,
    /// What.
    pub kind: EventKind,
    /// With what.
    pub payload: Payload,
    /// When it became known at the socket, or was due.
    pub at: Instant,
}

impl Event {
    /// An event without payload.
    pub fn bare(target: Target, kind: EventKind, at: Instant) -> Self {
        Self {
            target,
            kind,
            payload: Payload::None,
            at,
        }
    }
}

/// How far a script is behind on one connection.
#[derive(Debug, Default)]
struct Backlog {
    messages: u32,
    bytes: usize,
    /// The connection that waits for room.
    paused: Option<Arc<dyn Flush>>,
    /// It waits until nothing is left, not just for room.
    awaits_all: bool,
}

impl Backlog {
    fn is_full(&self) -> bool {
        self.messages >= MAX_MESSAGES || self.bytes >= MAX_BYTES
    }
}

/// Events and the bytes of their messages.
#[derive(Debug, Default)]
pub struct Batch {
    /// In the order they happened.
    pub events: Vec<Event>,
    arena: Vec<u8>,
}

impl Batch {
    /// The bytes of a message event.
    pub fn bytes<'a>(&'a self, payload: &'a Payload) -> &'a [u8] {
        match payload {
            Payload::Inline { start, length } => &self.arena[*start..*start + *length],
            Payload::Owned(bytes) => bytes,
            _ => &[],
        }
    }

    fn clear(&mut self) {
        self.events.clear();
        self.arena.clear();
        // A burst must not keep its memory for ever.
        self.events.shrink_to(1024);
        self.arena.shrink_to(256 * 1024);
    }
}

/// The queue between the runtime and the VU thread.
#[derive(Debug, Default)]
pub struct Mailbox {
    batch: Batch,
    backlogs: Vec<Backlog>,
}

impl Mailbox {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.batch.events.is_empty()
    }

    /// Queues an event that is not a message.
    pub fn push(&mut self, event: Event) {
        self.batch.events.push(event);
    }

    /// Queues a message. False when the connection should not be read further for now.
    pub fn push_message(
        &mut self,
        target: Target,
        kind: EventKind,
        data: Cow<'_, [u8]>,
        at: Instant,
    ) -> bool {
        let backlog = self.backlog(target);
        backlog.messages += 1;
        backlog.bytes += data.len();
        let has_room = !backlog.is_full();
        let payload = match data {
            Cow::Owned(bytes) => Payload::Owned(bytes),
            Cow::Borrowed(bytes) => {
                let start = self.batch.arena.len();
                self.batch.arena.extend_from_slice(bytes);
                Payload::Inline {
                    start,
                    length: bytes.len(),
                }
            }
        };
        self.batch.events.push(Event {
            target,
            kind,
            payload,
            at,
        });
        has_room
    }

    /// Queues a ping or pong; they count as messages, so that a flood of them is not read either.
    pub fn push_control(&mut self, target: Target, kind: EventKind, at: Instant) -> bool {
        let backlog = self.backlog(target);
        backlog.messages += 1;
        let has_room = !backlog.is_full();
        self.push(Event::bare(target, kind, at));
        has_room
    }

    /// Whether `target` may be read; if not, `queue` is flushed when it may.
    pub fn has_room<Q: Flush + 'static>(&mut self, target: Target, queue: &Arc<Q>) -> bool {
        let backlog = self.backlog(target);
        if backlog.is_full() {
            backlog.paused = Some(queue.clone());
            return false;
        }
        true
    }

    /// Whether nothing of `target` is undelivered; if not, `queue` is flushed when that is so.
    pub fn is_all_delivered<Q: Flush + 'static>(&mut self, target: Target, queue: &Arc<Q>) -> bool {
        let backlog = self.backlog(target);
        backlog.awaits_all = backlog.messages > 0;
        if backlog.awaits_all {
            backlog.paused = Some(queue.clone());
        }
        !backlog.awaits_all
    }

    /// Starts the account of a new connection.
    pub fn open(&mut self, target: Target) {
        *self.backlog(target) = Backlog::default();
    }

    /// Moves everything queued into `batch`, which was empty.
    pub fn swap(&mut self, batch: &mut Batch) {
        batch.clear();
        std::mem::swap(&mut self.batch, batch);
    }

    /// `messages` of `target` with `bytes` were handed on; the connection to wake, if it waited for room.
    pub fn delivered(
        &mut self,
        target: Target,
        messages: u32,
        bytes: usize,
    ) -> Option<Arc<dyn Flush>> {
        let backlog = self.backlog(target);
        backlog.messages = backlog.messages.saturating_sub(messages);
        backlog.bytes = backlog.bytes.saturating_sub(bytes);
        let is_low = if backlog.awaits_all {
            backlog.messages == 0
        } else {
            backlog.messages <= MAX_MESSAGES / 2 && backlog.bytes <= MAX_BYTES / 2
        };
        if is_low { backlog.paused.take() } else { None }
    }

    /// A message that was handed on is kept back by the script's side: it counts as undelivered again.
    pub fn held(&mut self, target: Target, bytes: usize) {
        let backlog = self.backlog(target);
        backlog.messages += 1;
        backlog.bytes += bytes;
    }

    fn backlog(&mut self, target: Target) -> &mut Backlog {
        let index = target as usize;
        if index >= self.backlogs.len() {
            self.backlogs.resize_with(index + 1, Backlog::default);
        }
        &mut self.backlogs[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::socket::outbox::Outbox;

    #[test]
    fn a_connection_is_paused_at_the_bound_and_woken_at_half() {
        let mut mailbox = Mailbox::default();
        let outbox = Arc::new(Outbox::new(1));
        for n in 1..MAX_MESSAGES {
            let room = mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now());
            assert!(room, "{n}");
        }
        assert!(!mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now()));
        assert!(!mailbox.has_room(7, &outbox));
        assert!(mailbox.has_room(8, &outbox), "others go on");
        assert!(mailbox.delivered(7, 1, 1).is_none());
        assert!(mailbox.delivered(7, MAX_MESSAGES / 2, 512).is_some());
        assert!(mailbox.has_room(7, &outbox));
    }

    #[test]
    fn who_waits_for_all_is_woken_when_nothing_is_left() {
        let mut mailbox = Mailbox::default();
        let outbox = Arc::new(Outbox::new(1));
        assert!(mailbox.is_all_delivered(7, &outbox));
        for _ in 0..2 {
            mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now());
        }
        assert!(!mailbox.is_all_delivered(7, &outbox));
        assert!(mailbox.delivered(7, 1, 1).is_none());
        assert!(mailbox.delivered(7, 1, 1).is_some());
        assert!(mailbox.is_all_delivered(7, &outbox));
    }

    #[test]
    fn one_message_over_the_byte_bound_is_admitted() {
        let mut mailbox = Mailbox::default();
        let big = vec![0; 2 * MAX_BYTES];
        assert!(!mailbox.push_message(1, EventKind::Binary, big.into(), clock::now()));
        let mut batch = Batch::default();
        mailbox.swap(&mut batch);
        assert_eq!(batch.bytes(&batch.events[0].payload).len(), 2 * MAX_BYTES);
    }

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut mailbox = Mailbox::default();
        for text in ["a", "bc", ""] {
            mailbox.push_message(1, EventKind::Text, text.as_bytes().into(), clock::now());
        }
        let mut batch = Batch::default();
        mailbox.swap(&mut batch);
        let texts: Vec<&[u8]> = batch
            .events
            .iter()
            .map(|e| batch.bytes(&e.payload))
            .collect();
        assert_eq!(texts, [b"a".as_slice(), b"bc", b""]);
        assert!(mailbox.is_empty());
    }
}
