//! What the script's side is told: for whom, what, with what, and since when that is known.

use crate::clock::Instant;
use crate::engine::runtime::timers::TimerId;
use crate::socket::error::SocketError;
use crate::socket::ws::close::CloseStatus;

/// Whom an event is for: an index the binding hands out.
pub type ReceiverId = u32;

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
    /// A VU rests, or leaves: the schedule may have something to do earlier than it said.
    Resting = 19,
    /// A request has its outcome, and somebody waits for it: which.
    Answered = 20,
    /// A text message of which a callable of the script has to say whose it is.
    UndecidedText = 21,
    /// The same of a binary message.
    UndecidedBinary = 22,
    /// The same of what TCP brought.
    UndecidedData = 23,
    /// A VU is to enter its scenario, before the clock of that starts.
    EnterScenario = 24,
    /// A VU is to leave its scenario.
    LeaveScenario = 25,
}

impl EventKind {
    /// Whether it is for handlers of the script, and not for the run itself.
    pub fn is_for_handlers(self) -> bool {
        !matches!(
            self,
            Self::StartIteration
                | Self::HardStop
                | Self::Finished
                | Self::Resting
                | Self::Readable
                | Self::EnterScenario
                | Self::LeaveScenario
        )
    }

    /// What a peer can send without end, and what is therefore bounded for each connection.
    pub fn counts_as_undelivered(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Binary
                | Self::Ping
                | Self::Pong
                | Self::Data
                | Self::UndecidedText
                | Self::UndecidedBinary
                | Self::UndecidedData
        )
    }
}

/// What comes with an event.
#[derive(Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// A message, as a range of an arena of the batch.
    Inline {
        /// Which arena.
        arena: u32,
        /// Bytes.
        length: u32,
        /// First byte.
        start: usize,
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
    pub receiver: ReceiverId,
    /// What.
    pub kind: EventKind,
    /// With what.
    pub payload: Payload,
    /// When it became known at the socket, or was due.
    pub at: Instant,
}

impl Event {
    /// An event without payload.
    pub fn bare(receiver: ReceiverId, kind: EventKind, at: Instant) -> Self {
        Self {
            receiver,
            kind,
            payload: Payload::None,
            at,
        }
    }

    /// The same event, whose message lies in this arena of the batch.
    pub(super) fn lying_in(mut self, number: u32) -> Self {
        if let Payload::Inline { arena, .. } = &mut self.payload {
            *arena = number;
        }
        self
    }
}
