//! An open WebSocket connection: one future that reads, writes and closes it.
//!
//! Hand-written rather than async, so that thousands of idle ones stay small and one poll does all that
//! is possible: write what is queued in one piece, read, answer pings, watch the deadlines. What it sees
//! it reports as [`Fact`]s to an [`Observer`]; it decides nothing about metrics or scripts.
//!
//! | state | peer's Close | our Close queued | stream ends | violation |
//! | --- | --- | --- | --- | --- |
//! | `Open` | echo, `Closed`, → `Draining` | → `CloseSent` | `Closed` 1006, → `Over` | send 1002/1007/1009, `Closed`, → `Draining` |
//! | `CloseSent` | `Closed`, → `Draining` | – | `Closed` 1006, → `Over` | → `Over` |
//! | `Draining` | ignored | – | → `Over` | ignored |
//!
//! A violation right behind messages waits (`violation`) until the script has had them.
//!
//! `Draining` waits for the peer to end the stream, so that it and not we keep the closed socket's state: not for
//! long once both Closes are through.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::decoder::{Decoder, Item, Role};
use super::deflate::{Direction, Inflater};
use super::fact::{Fact, Observer};
use super::frame::{Opcode, Violation, encode};
use super::outbox::{Frames, Mark, Outbox};
use super::pings::Pings;
use super::wire_log::ConnectionLog;
use crate::clock::{self, Instant};

/// Bytes read at once, into a buffer that all connections of a thread share.
const READ_SIZE: usize = 64 * 1024;
/// Reads of one connection before others get their turn.
const READS_PER_TURN: usize = 8;
/// Pongs waiting to be written; past this only the newest is kept (RFC 6455 section 5.5.3 allows it).
const MAX_PONG_BYTES: usize = 4096;
/// How long the peer may take to end the stream when both Closes are through: who ends it first keeps the closed
/// socket's state, and that had better not be us.
const GOODBYE: Duration = Duration::from_millis(100);

mod drive;
mod failing;
mod pace;
mod violation;
pub use drive::drive;
use pace::Pace;
pub use pace::{KeepAlive, PaceConfig};

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
}

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
    deadline: Pin<Box<Sleep>>,
}

/// One connection from its upgrade until the stream is gone; see [`drive`].
pub struct Session<S, O> {
    stream: S,
    ends: Box<str>,
    decoder: Decoder,
    outbox: Arc<Outbox>,
    observer: O,
    config: WsConfig,
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
    /// Nothing was read because the observer had no room.
    is_paused: bool,
    /// The task, to be polled again when a direct write leaves something to wait for.
    task: Option<Waker>,
    /// Bytes that came behind the 101.
    early: Vec<u8>,
    close_deadline: Option<Pin<Box<Sleep>>>,
    said: Said,
    pace: Option<Box<Pace>>,
    /// Who is shown every frame, if anybody wants to see them.
    wire_log: Option<Box<ConnectionLog>>,
    /// A violation that is acted upon when the messages before it have reached the script.
    pending: Option<Box<Pending>>,
    stall: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin, O: Observer> Session<S, O> {
    /// A session over an upgraded stream; `early` is what came behind the 101, `ends` names both ends.
    pub fn new(
        stream: S,
        ends: &str,
        early: Vec<u8>,
        outbox: Arc<Outbox>,
        observer: O,
        config: WsConfig,
    ) -> Self {
        Self {
            stream,
            ends: ends.into(),
            decoder: Decoder::new(Role::Client, config.max_message_size)
                .with_inflater(config.inflate.map(Inflater::new)),
            outbox,
            observer,
            config,
            state: State::Open,
            frames: Frames::default(),
            at: 0,
            next_mark: 0,
            replies: Vec::new(),
            late_pong: None,
            pings: Pings::default(),
            must_write: false,
            is_paused: false,
            task: None,
            early,
            close_deadline: None,
            said: Said::default(),
            pace: Pace::new(config.pace),
            wire_log: None,
            pending: None,
            stall: None,
        }
    }

    /// Writes all that is queued or until the stream takes no more.
    fn write(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.at == self.frames.bytes.len() && !self.refill() {
                break;
            }
            let unwritten = &self.frames.bytes[self.at..];
            // A ping's way begins before the write, which may take a while itself.
            let begun = self.frames.has_ping.then(clock::now);
            match Pin::new(&mut self.stream).poll_write(cx, unwritten) {
                Poll::Ready(Ok(0)) => {
                    return self.failed("write", &std::io::ErrorKind::WriteZero.into());
                }
                Poll::Ready(Ok(written)) => {
                    self.stall = None;
                    self.account(written, begun);
                }
                Poll::Ready(Err(error)) => return self.failed("write", &error),
                Poll::Pending => {
                    let patience = self.config.send_timeout;
                    let stall = self
                        .stall
                        .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                    if stall.as_mut().poll(cx).is_ready() {
                        self.blocked();
                    } else if let Some(patience) = self.outbox.cut_patience() {
                        self.close_within(patience);
                        self.give_up_late(cx);
                    }
                    return;
                }
            }
        }
        // TLS keeps records of its own; a plain stream has nothing to flush.
        if let Poll::Ready(Err(error)) = Pin::new(&mut self.stream).poll_flush(cx) {
            self.failed("write", &error);
        }
    }

    /// The next bytes to write: our own replies, then what the script queued. False when there are none.
    fn refill(&mut self) -> bool {
        self.at = 0;
        self.next_mark = 0;
        self.frames.written();
        if let Some(payload) = self.late_pong.take() {
            encode(
                &mut self.replies,
                Opcode::Pong,
                &payload,
                Some(rand::random()),
            );
        }
        if !self.replies.is_empty() {
            std::mem::swap(&mut self.frames.bytes, &mut self.replies);
            self.show();
            return true;
        }
        if let Some(closing) = self.outbox.take(&mut self.frames) {
            if self.state == State::Open {
                self.state = State::CloseSent;
                self.observer.closing(closing.code);
            }
            // Again and again: it may have been cut since.
            self.close_within(closing.patience);
        }
        self.show();
        !self.frames.bytes.is_empty()
    }

    /// Shows what is about to be written.
    fn show(&mut self) {
        if let Some(log) = &mut self.wire_log {
            log.sent(&self.frames.bytes);
        }
    }

    /// `written` more bytes are with the operating system: what ended in them?
    fn account(&mut self, written: usize, begun: Option<Instant>) {
        self.at += written;
        let (mut messages, mut payload) = (0, 0);
        while let Some((end, mark)) = self.frames.marks.get(self.next_mark)
            && *end <= self.at
        {
            match *mark {
                Mark::Message(bytes) => {
                    messages += 1;
                    payload += bytes;
                }
                Mark::Ping(number) => self.pings.written(number, begun.unwrap_or_else(clock::now)),
                Mark::Close => {
                    self.said.our_close = true;
                    self.say_goodbye();
                }
            }
            self.next_mark += 1;
        }
        if messages > 0 {
            self.outbox.payload_written(payload);
            self.observer.observe(Fact::Sent(messages));
        }
        if self.outbox.written(self.frames.bytes.len() - self.at) {
            self.observer.observe(Fact::Writable);
        }
    }

    /// Reads until nothing is there, the observer has no room, or others should have a turn.
    ///
    /// True when something was read, so that replies may have to be written.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut early = std::mem::take(&mut self.early);
        let mut progressed = !early.is_empty();
        if progressed {
            self.take_in(&mut early);
        }
        for turn in 0..=READS_PER_TURN {
            if self.state == State::Over || self.pending.is_some() {
                return progressed;
            }
            // What answers our Close is read whatever the script wanted before.
            let is_unwanted = self.state == State::Open && self.outbox.is_reading_paused();
            self.is_paused = is_unwanted || !self.observer.has_room();
            if self.is_paused {
                return progressed;
            }
            if turn == READS_PER_TURN {
                cx.waker().wake_by_ref();
                return progressed;
            }
            let most = self
                .pace
                .as_mut()
                .map_or(READ_SIZE, |pace| pace.allowance(READ_SIZE, cx));
            if most == 0 {
                return progressed;
            }
            let polled = READ_BUFFER.with_borrow_mut(|buffer| {
                let mut space = ReadBuf::new(&mut buffer[..most]);
                let polled = Pin::new(&mut self.stream).poll_read(cx, &mut space);
                let filled = space.filled().len();
                if let Poll::Ready(Ok(())) = polled {
                    self.take_in(&mut buffer[..filled]);
                }
                polled.map_ok(|()| filled)
            });
            match polled {
                Poll::Pending => return progressed,
                Poll::Ready(Ok(0)) => self.ended(),
                Poll::Ready(Ok(_)) => progressed = true,
                Poll::Ready(Err(error)) => self.read_failed(&error),
            }
        }
        progressed
    }

    /// Shows every frame from now on.
    pub fn shown_in(mut self, wire_log: Option<ConnectionLog>) -> Self {
        self.wire_log = wire_log.map(Box::new);
        self
    }

    /// Decodes what was read and reports it.
    fn take_in(&mut self, bytes: &mut [u8]) {
        if matches!(self.state, State::Draining | State::Over) || self.pending.is_some() {
            return;
        }
        if let Some(pace) = &mut self.pace {
            pace.heard(bytes.len());
        }
        if let Some(log) = &mut self.wire_log {
            log.received(bytes);
        }
        let at = clock::now();
        let Self {
            decoder,
            observer,
            replies,
            late_pong,
            pings,
            must_write,
            ..
        } = self;
        let mut peer_closed = None;
        let fed = decoder.feed(bytes, &mut |item| match item {
            Item::Text(data) => observer.observe(Fact::Text(data, at)),
            Item::Binary(data) => observer.observe(Fact::Binary(data, at)),
            Item::Ping(payload) => {
                if replies.len() < MAX_PONG_BYTES {
                    encode(replies, Opcode::Pong, payload, Some(rand::random()));
                } else {
                    *late_pong = Some(payload.to_vec());
                }
                *must_write = true;
                observer.observe(Fact::Ping(at));
            }
            Item::Pong(payload) => observer.observe(Fact::Pong(pings.answered(payload, at), at)),
            Item::Close(status) => peer_closed = Some(status),
        });
        if let Err(violation) = fed {
            return self.violated(violation);
        }
        if let Some(status) = peer_closed {
            if self.state == State::Open {
                // The answer to the peer's Close is a Close with the same code (RFC 6455 section 5.5.1).
                self.outbox
                    .close(status.code, "", self.config.close_timeout);
            }
            self.closed(status, None, State::Draining);
            self.peer_is_done();
        }
    }
}

#[cfg(test)]
mod tests;
