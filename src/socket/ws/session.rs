//! An open WebSocket connection: bytes in, facts out, and the frames that answer.
//!
//! It has no stream, no task and no timer: its [keeper](crate::socket::keeper) gives it what was read, takes what is to be
//! written, and comes back at its deadline. What it sees it reports as [`Fact`]s to an [`Observer`]; it decides nothing
//! about metrics or scripts.
//!
//! | state | peer's Close | our Close queued | stream ends | violation |
//! | --- | --- | --- | --- | --- |
//! | `Open` | echo, `Closed`, → `Draining` | → `CloseSent` | `Closed` 1006, → `Over` | send 1002/1007/1009, `Closed`, → `Draining` |
//! | `CloseSent` | `Closed`, → `Draining` | – | `Closed` 1006, → `Over` | → `Draining` |
//! | `Draining` | ignored | – | → `Over` | ignored |
//!
//! What the observer objects to ends it as a violation does, with the code that it says.
//!
//! A violation right behind messages waits (`violation`) until the script has had them.
//!
//! `Draining` waits for the peer to end the stream, so that it and not we keep the closed socket's state: not for
//! long once both Closes are through.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::decoder::{Decoder, Role};
use super::deflate::{Direction, Inflater};
use super::fact::{Fact, Observer};
use super::frame::Violation;
use super::outbox::{Frames, Outbox};
use super::pings::Pings;
use super::wire_log::ConnectionLog;
use crate::clock::Instant;
use crate::socket::arrival::Asked;
use crate::socket::keeper::session::ByteSession;
use crate::socket::queue::Keeper;

/// How long the peer may take to end the stream when both Closes are through: who ends it first keeps the closed
/// socket's state, and that had better not be us.
const GOODBYE: Duration = Duration::from_millis(100);

mod failing;
mod pace;
mod reading;
mod violation;
mod writing;
use pace::Pace;
pub use pace::{KeepAlive, PaceConfig};

/// The limits of a session.
#[derive(Clone, Copy, Debug)]
pub struct WsConfig {
    /// Bytes of a message at most; a larger one ends the session with 1009.
    pub max_message_size: usize,
    /// How long a write may make no progress before the connection is given up.
    pub send_timeout: Duration,
    /// How long the peer may take to answer our Close.
    pub close_timeout: Duration,
    /// How fast to read, and how long to wait in silence.
    pub pace: PaceConfig,
    /// How the peer compresses, where that was agreed on.
    pub inflate: Option<Direction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    CloseSent,
    Draining,
    Over,
}

/// Which sides have nothing more to say.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    /// Our Close is with the operating system.
    our_close: bool,
    /// Of the peer only the end of its stream is awaited.
    all_of_peer: bool,
}

/// A violation that waits until the script has had the messages before it.
struct Pending {
    violation: Violation,
    deadline: Instant,
}

/// One connection from its upgrade until the stream is gone.
pub struct Session<O> {
    ends: Box<str>,
    decoder: Decoder,
    outbox: Arc<Outbox>,
    observer: O,
    send_timeout: Duration,
    close_timeout: Duration,
    state: State,
    /// Frames being written, and how far.
    frames: Frames,
    at: usize,
    next_mark: usize,
    /// Control frames of our own making, written before `frames`.
    replies: Vec<u8>,
    late_pong: Option<Vec<u8>>,
    pings: Pings,
    /// Reading brought something to answer.
    must_write: bool,
    /// Whether it matters when something arrives.
    asked: Asked,
    /// Nothing was read because the observer had no room, or the script did not want it.
    is_paused: bool,
    /// When the closing handshake is given up.
    close_deadline: Option<Instant>,
    said: Said,
    pace: Option<Box<Pace>>,
    /// Who is shown every frame, if anybody wants to see them.
    wire_log: Option<Box<ConnectionLog>>,
    /// A violation that is acted upon when the messages before it have reached the script.
    pending: Option<Box<Pending>>,
    /// When a write that makes no progress is given up.
    stall: Option<Instant>,
}

impl<O: Observer> Session<O> {
    /// A session over an upgraded stream; `ends` names both ends of it.
    pub fn new(ends: &str, outbox: Arc<Outbox>, observer: O, config: WsConfig) -> Self {
        Self {
            ends: ends.into(),
            decoder: Decoder::new(Role::Client, config.max_message_size)
                .with_inflater(config.inflate.map(Inflater::new)),
            outbox,
            observer,
            send_timeout: config.send_timeout,
            close_timeout: config.close_timeout,
            state: State::Open,
            frames: Frames::default(),
            at: 0,
            next_mark: 0,
            replies: Vec::new(),
            late_pong: None,
            pings: Pings::default(),
            must_write: false,
            asked: Asked::Nothing,
            is_paused: false,
            close_deadline: None,
            said: Said::default(),
            pace: Pace::new(config.pace),
            wire_log: None,
            pending: None,
            stall: None,
        }
    }

    /// Shows every frame from now on.
    pub fn shown_in(mut self, wire_log: Option<ConnectionLog>) -> Self {
        self.wire_log = wire_log.map(Box::new);
        self
    }
}

impl<O: Observer + Send> ByteSession for Session<O> {
    fn attach(&self, keeper: Keeper) {
        self.outbox.attach(keeper);
    }

    fn tend(&mut self) {
        self.settle_violation();
        self.keep_pace();
    }

    fn unwritten(&mut self) -> Option<(&[u8], Option<Instant>)> {
        self.next_to_write()
    }

    fn wrote(&mut self, count: usize, begun: Option<Instant>) {
        self.stall = None;
        self.account(count, begun);
    }

    fn blocked(&mut self) {
        self.stalled();
    }

    fn write_failed(&mut self, error: &io::Error) {
        self.failed("write", error);
    }

    fn appetite(&mut self, most: usize) -> usize {
        self.may_read(most)
    }

    fn take_in(&mut self, bytes: &mut [u8], arrived: Option<Instant>) {
        self.decode(bytes, arrived);
    }

    fn ended(&mut self) {
        self.end_of_stream();
    }

    fn read_failed(&mut self, error: &io::Error) {
        match error.kind() {
            // TLS ended without close_notify: an end of stream like any other.
            io::ErrorKind::UnexpectedEof => self.end_of_stream(),
            _ => self.failed("read", error),
        }
    }

    fn times_arrivals(&self) -> bool {
        self.asked.anything()
    }

    fn begins_to_time(&mut self) -> bool {
        self.asked.is_news()
    }

    fn has_to_answer(&mut self) -> bool {
        std::mem::take(&mut self.must_write)
    }

    fn give_up_late(&mut self) {
        self.end_late();
    }

    fn deadline(&self) -> Option<Instant> {
        if self.pace.is_none() && self.close_deadline.is_none() && self.stall.is_none() {
            // Of nearly every connection, in each turn.
            return self.pending.as_ref().map(|pending| pending.deadline);
        }
        let pending = self.pending.as_ref().map(|pending| pending.deadline);
        let pace = self.pace.as_ref();
        let is_open = self.state == State::Open;
        let pace = pace.and_then(|pace| pace.deadline(self.pings.oldest(), is_open));
        let deadlines = [self.close_deadline, self.stall, pending, pace];
        deadlines.into_iter().flatten().min()
    }

    fn wants_turn(&self) -> bool {
        // What was paused for want of room is flushed when there is room again.
        self.state != State::Open || self.is_paused
    }

    fn is_paused(&self) -> bool {
        self.is_paused
    }

    fn is_over(&self) -> bool {
        self.state == State::Over
    }

    fn finish(&mut self) {
        let unwritten = self.frames.marks.iter().skip(self.next_mark);
        let unsent = unwritten.filter(|(_, mark)| mark.is_message()).count();
        let unsent = unsent + self.outbox.end();
        self.observer.observe(Fact::Ended { unsent });
    }
}

#[cfg(test)]
mod tests;
