//! An open raw TCP connection: one future that reads, writes and closes it, plain or with TLS.
//!
//! Built as `ws` is, and for the same reasons: small while idle, written straight from the driver. What it
//! sees it reports as [`TcpFact`]s; it decides nothing.
//!
//! | what happens | facts |
//! | --- | --- |
//! | bytes arrive | `Data`, in pieces of at most `read_buffer_size` |
//! | the observer objects to what arrived | `Closed` with its error, `Ended` |
//! | the peer ends its side | `PeerEnded`, `Closed` without an error, `Ended`, when the script has had its data and its answers are written |
//! | a read or write fails | `Closed` with the error, `Ended` |
//! | the script destroys it | `Ended` |
//! | writes are left at the end | `WriteFailed` before `Ended` |

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::queue::{StartTls, Taken, TcpQueue};
use crate::clock::{self, Instant};
use crate::socket::arrival::{Arrivals, Asked};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::os_error;
use crate::socket::stream::Stream;
use crate::socket::tls::TlsConfigs;

/// Bytes read at once, into a buffer that all connections of a thread share.
const READ_SIZE: usize = 64 * 1024;
/// Reads of one connection before others get their turn.
const READS_PER_TURN: usize = 8;

mod drive;
mod handshake;
mod ration;
mod writing;
pub use drive::drive;
use handshake::handshake;
use ration::Ration;

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
}

/// How many writes are done with which rules answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// All of them.
    pub all: u64,
    /// Those that callables of the script have made.
    pub by_script: u64,
}

/// What a connection saw.
#[derive(Debug)]
pub enum TcpFact<'a> {
    /// Bytes that arrived.
    Data(&'a [u8], Instant),
    /// The peer has ended its side: all of its data was told.
    PeerEnded,
    /// As many writes are done as somebody waited for.
    Written,
    /// The last byte of the request with this number was taken by a write that began then.
    Wrote(u64, Instant),
    /// The last byte of writes was taken that rules have answered with.
    Answered(Answered),
    /// Room in the queue again, for somebody who was refused.
    Writable,
    /// TLS was started on the open stream, or could not be, which ends the connection.
    TlsStarted {
        /// Why it could not be.
        error: Option<SocketError>,
        /// How long the handshake took, if there was one.
        took: Option<Duration>,
    },
    /// No more data: the peer ended its side, or something failed.
    Closed(Option<SocketError>),
    /// Writes that never will be done, and how much of the first of them had gone.
    WriteFailed {
        /// How many.
        writes: u64,
        /// Bytes of the first one.
        partial: usize,
        /// Why.
        error: SocketError,
    },
    /// The stream is gone. Always the last fact.
    Ended,
}

/// Who is told.
pub trait TcpObserver {
    /// Takes a fact.
    fn observe(&mut self, fact: TcpFact<'_>);
    /// Whether everything observed has reached who wants it; if not, the queue is flushed when it has.
    fn is_all_delivered(&mut self) -> bool {
        true
    }
    /// Why the connection cannot go on after what was observed, if it cannot; asked after each read.
    fn objection(&mut self) -> Option<SocketError> {
        None
    }
    /// The same before TLS is started as asked for: nothing may be left then of what came without it.
    fn objection_to_tls(&mut self, _request: &StartTls) -> Option<SocketError> {
        None
    }
    /// Whether more may be read; if not, the queue is flushed when it may.
    fn has_room(&mut self) -> bool;
    /// Whether it has answered what it was told, so that there is something to write; once for each time.
    fn has_answered(&mut self) -> bool {
        false
    }
}

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub struct TcpConfig {
    /// Bytes of one `Data` at most.
    pub read_buffer_size: usize,
    /// How long a write may make no progress before the connection is given up.
    pub send_timeout: Duration,
    /// Bytes that are read in a second, if not as many as come.
    pub recv_rate: Option<f64>,
}

type Upgrade = Pin<Box<dyn Future<Output = (Result<Stream, SocketError>, Duration)> + Send>>;

struct Session<O> {
    /// Gone while TLS is being started on it.
    stream: Option<Stream>,
    upgrade: Option<Upgrade>,
    ends: Box<str>,
    queue: Arc<TcpQueue>,
    observer: O,
    config: TcpConfig,
    tls: Arc<TlsConfigs>,
    taken: Taken,
    at: usize,
    next_end: usize,
    has_ended: bool,
    /// Whether it matters when something arrives.
    asked: Asked,
    /// The peer has ended its side; until then the script may answer its last words.
    farewell: Option<Pin<Box<Sleep>>>,
    is_over: bool,
    is_paused: bool,
    failure: Option<SocketError>,
    task: Option<Waker>,
    stall: Option<Pin<Box<Sleep>>>,
    rate: Option<Box<Ration>>,
}

impl<O: TcpObserver> Session<O> {
    /// Ends our side when that was asked for and everything is written.
    fn end(&mut self, cx: &mut Context<'_>) {
        if self.has_ended || !self.queue.wants_end() {
            return;
        }
        if let Some(stream) = &mut self.stream
            && let Poll::Ready(ended) = Pin::new(stream).poll_shutdown(cx)
        {
            self.has_ended = true;
            if let Err(error) = ended {
                self.failed("write", &error);
            }
        }
    }

    /// Starts TLS when that was asked for and everything before it is written; goes on with it.
    fn upgrade(&mut self, cx: &mut Context<'_>) {
        if self.upgrade.is_none()
            && self.at == self.taken.bytes.len()
            && let Some(request) = self.queue.take_start_tls()
        {
            if let Some(error) = self.observer.objection_to_tls(&request) {
                return self.not_encrypted(error, None);
            }
            match self.stream.take() {
                Some(Stream::Plain(counted)) => {
                    let tls = self.tls.clone();
                    self.upgrade = Some(Box::pin(handshake(tls, request, counted)));
                }
                stream => {
                    self.stream = stream;
                    let text = "the connection is encrypted already";
                    let error = SocketError::new(Phase::Tls, Cause::TlsProtocol, text);
                    self.queue.upgraded();
                    let (error, took) = (Some(error), None);
                    self.observer.observe(TcpFact::TlsStarted { error, took });
                    return;
                }
            }
        }
        let Some(upgrade) = &mut self.upgrade else {
            return;
        };
        let Poll::Ready((result, took)) = upgrade.as_mut().poll(cx) else {
            return;
        };
        self.upgrade = None;
        let took = Some(took);
        match result {
            Ok(stream) => {
                self.stream = Some(stream);
                self.queue.upgraded();
                self.observer
                    .observe(TcpFact::TlsStarted { error: None, took });
                self.write(cx);
            }
            Err(error) => self.not_encrypted(error, took),
        }
    }

    fn not_encrypted(&mut self, error: SocketError, took: Option<Duration>) {
        self.observer.observe(TcpFact::TlsStarted {
            error: Some(error.clone()),
            took,
        });
        self.close(Some(error));
    }

    fn read(&mut self, cx: &mut Context<'_>) {
        for turn in 0..=READS_PER_TURN {
            if self.is_over || self.stream.is_none() || self.farewell.is_some() {
                return;
            }
            self.is_paused = self.queue.is_reading_paused() || !self.observer.has_room();
            if self.is_paused {
                return;
            }
            if turn == READS_PER_TURN {
                return cx.waker().wake_by_ref();
            }
            let Self {
                stream,
                observer,
                queue,
                config,
                rate,
                asked,
                ..
            } = &mut *self;
            let Some(stream) = stream else { return };
            let most = rate
                .as_mut()
                .map_or(READ_SIZE, |rate| rate.allowance(READ_SIZE, cx));
            if most == 0 {
                return;
            }
            let polled = READ_BUFFER.with_borrow_mut(|buffer| {
                let mut space = ReadBuf::new(&mut buffer[..most]);
                let polled = if asked.anything() {
                    Pin::new(stream).poll_read_arrived(cx, &mut space)
                } else {
                    Pin::new(stream).poll_read(cx, &mut space).map_ok(|()| None)
                };
                let filled = space.filled();
                if let Poll::Ready(Ok(arrived)) = polled
                    && !filled.is_empty()
                {
                    let at = arrived.unwrap_or_else(clock::now);
                    queue.received(filled.len(), at);
                    if let Some(rate) = rate {
                        rate.spend(filled.len());
                    }
                    for piece in filled.chunks(config.read_buffer_size.max(1)) {
                        observer.observe(TcpFact::Data(piece, at));
                    }
                }
                let filled = filled.len();
                polled.map_ok(|_| filled)
            });
            match polled {
                Poll::Pending => return,
                Poll::Ready(Ok(0)) => self.peer_ended(),
                Poll::Ready(Ok(_)) => self.object(),
                Poll::Ready(Err(error)) => match error.kind() {
                    // TLS ended without close_notify: an end of stream like any other.
                    std::io::ErrorKind::UnexpectedEof => self.peer_ended(),
                    _ => self.failed("read", &error),
                },
            }
        }
    }

    /// Ends what the observer cannot go on with.
    fn object(&mut self) {
        if let Some(error) = self.observer.objection() {
            self.close(Some(error));
        }
    }

    fn peer_ended(&mut self) {
        self.observer.observe(TcpFact::PeerEnded);
        self.object();
        let patience = self.config.send_timeout;
        self.farewell = Some(Box::pin(tokio::time::sleep(patience)));
    }

    /// Ends our side as well when the peer has ended its own: once the script has had all of its data, and what it
    /// answered is written, as far as the peer still takes it.
    fn part(&mut self, cx: &mut Context<'_>) {
        let Some(deadline) = &mut self.farewell else {
            return;
        };
        let is_late = deadline.as_mut().poll(cx).is_ready();
        let is_written = self.at == self.taken.bytes.len() && self.queue.buffered() == 0;
        // Asked last: it may have been answered by now.
        if is_late || is_written && self.observer.is_all_delivered() && self.queue.buffered() == 0 {
            self.close(None);
        }
    }

    fn failed(&mut self, doing: &str, error: &std::io::Error) {
        let error = os_error::stream(Phase::Session, doing, &self.ends, error);
        self.close(Some(error));
    }

    fn blocked(&mut self) {
        let text = format!("write tcp {}: i/o timeout", self.ends);
        let error = SocketError::new(Phase::Session, Cause::SendBlocked, text)
            .with_hint("the peer does not read what it is sent");
        self.close(Some(error));
    }

    fn close(&mut self, error: Option<SocketError>) {
        self.is_over = true;
        self.failure.clone_from(&error);
        self.observer.observe(TcpFact::Closed(error));
    }
}

#[cfg(test)]
mod tests;
