//! One connection after its request was read: send the answer, echo, say goodbye.
//!
//! A hand-written poll loop: one read, every message in it decoded, one write of all replies. It reads
//! on only when the replies are written, so that a peer that does not read bounds its own backlog. Both
//! buffers belong to the thread and are lent to whoever runs; an idle session owns neither. What the bytes mean
//! is the codec's business.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};

use super::PATIENCE;
use super::codec::{Codec, Reply};
use super::counts::{Counters, Tally};
use super::handshake::{Answer, Then};
use crate::socket::stream::Stream;
use crate::socket::ws::close;

/// Where a session stands.
///
/// | phase | input | next |
/// | --- | --- | --- |
/// | Open | the peer's Close, a violation | Leaving, our Close queued |
/// | Open | the server stops, `/close/NNNN` | Closing, our Close queued |
/// | Closing | the peer's Close, a violation | Leaving |
/// | Leaving | everything is written | Lingering, our direction shut down |
/// | any | end of stream, a stream error, out of patience | over |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Messages are echoed.
    Open,
    /// Our Close is said, the peer's not heard; nothing is echoed any more.
    Closing,
    /// All is said; what is queued is still to be written.
    Leaving,
    /// Input is thrown away until the peer hangs up. Closing earlier, with input unread, would reset
    /// the connection and could take our last words with it.
    Lingering,
}

/// The state of one connection.
pub(super) struct Session {
    stream: Stream,
    codec: Box<dyn Codec>,
    phase: Phase,
    /// Whether the peer was upgraded, that is, counts as a session.
    is_upgraded: bool,
    /// What is still to be written, from `written` on.
    backlog: Vec<u8>,
    written: usize,
    /// The replies in `backlog`: counted as sent, and taken back if it is never written.
    unsent: Tally,
    /// Set while the peer keeps us waiting.
    deadline: Option<Pin<Box<Sleep>>>,
    counters: Arc<Counters>,
}

impl Session {
    /// A session that will begin with `answer`; `input` is what came behind the request.
    pub(super) fn new(
        stream: Stream,
        codec: Box<dyn Codec>,
        answer: Answer,
        mut input: Vec<u8>,
        counters: Arc<Counters>,
    ) -> Self {
        let mut session = Self {
            stream,
            codec,
            phase: Phase::Open,
            is_upgraded: answer.then != Then::HangUp,
            backlog: answer.bytes,
            written: 0,
            unsent: Tally::default(),
            deadline: None,
            counters,
        };
        if session.is_upgraded {
            session.counters.session_opened();
        } else {
            session.counters.request_refused();
        }
        match answer.then {
            Then::Echo => {}
            Then::Close(code) => session.say_goodbye(code),
            Then::HangUp => session.phase = Phase::Leaving,
        }
        session.take(&mut input);
        session
    }

    /// Serves the peer until either side has gone. `stop` changes when the server stops.
    ///
    /// # Cancel safety
    /// Dropping the future cuts the connection; replies not yet written are taken out of the counts.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<()>) {
        let mut stopped = pin!(stop.changed());
        poll_fn(|cx| {
            if self.phase == Phase::Open && stopped.as_mut().poll(cx).is_ready() {
                self.say_goodbye(close::GOING_AWAY);
            }
            // A stream that fails has nobody left to tell.
            if self.poll_serve(cx).is_ready() {
                return Poll::Ready(());
            }
            self.poll_patience(cx)
        })
        .await;
    }

    /// Queues our Close as the first of the two.
    fn say_goodbye(&mut self, close_code: u16) {
        self.codec.close(close_code, &mut self.backlog);
        self.phase = Phase::Closing;
    }

    /// Reads and writes until the stream blocks. Ready when there is nothing left to do on it.
    fn poll_serve(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_write_backlog(cx))?;
            if self.phase == Phase::Leaving {
                ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                self.phase = Phase::Lingering;
            }
            let is_end = INPUT.with_borrow_mut(|buffer| {
                let mut buffer = ReadBuf::new(buffer);
                ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
                let input = buffer.filled_mut();
                self.take(input);
                Poll::Ready(io::Result::Ok(input.is_empty()))
            });
            if ready!(is_end)? {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_write_backlog(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.backlog.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let mut stream = Pin::new(&mut self.stream);
        while self.written < self.backlog.len() {
            let rest = &self.backlog[self.written..];
            match ready!(stream.as_mut().poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
            if self.phase == Phase::Open {
                self.deadline = None;
            }
        }
        ready!(stream.poll_flush(cx))?;
        self.written = 0;
        self.unsent = Tally::default();
        give_back(std::mem::take(&mut self.backlog));
        Poll::Ready(Ok(()))
    }

    /// Ready when the peer has kept us waiting for too long. An open, quiet session may wait for ever.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.phase == Phase::Open && self.backlog.is_empty() {
            self.deadline = None;
            return Poll::Pending;
        }
        let start = || Box::pin(sleep(PATIENCE));
        self.deadline.get_or_insert_with(start).as_mut().poll(cx)
    }

    /// Decodes `input` and queues the replies to it.
    fn take(&mut self, input: &mut [u8]) {
        if input.is_empty() || matches!(self.phase, Phase::Leaving | Phase::Lingering) {
            return;
        }
        if self.backlog.capacity() == 0 {
            self.backlog = OUTPUT.take();
        }
        let is_open = self.phase == Phase::Open;
        let (mut received, mut sent) = (Tally::default(), Tally::default());
        let is_over = self.codec.feed(input, &mut self.backlog, &mut |_, data| {
            received.add(data);
            if !is_open {
                return Reply::Nothing;
            }
            sent.add(data);
            Reply::Same
        });
        if is_over {
            self.phase = Phase::Leaving;
        }
        self.counters.received(received);
        self.counters.sending(sent);
        self.unsent.messages += sent.messages;
        self.unsent.bytes += sent.bytes;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.counters.not_sent(self.unsent);
        if self.is_upgraded {
            self.counters.session_ended();
        }
    }
}

/// Keeps a written-out buffer for the next session of this thread, unless a giant message grew it.
fn give_back(mut buffer: Vec<u8>) {
    if buffer.capacity() <= MAX_KEPT {
        buffer.clear();
        OUTPUT.set(buffer);
    }
}

thread_local! {
    /// Where input lands. Borrowed for one read and the decoding of it, never across a wait.
    static INPUT: RefCell<Box<[u8]>> = RefCell::new(vec![0; INPUT_SIZE].into());
    /// Where replies gather. Taken by the session that has some, and kept by it if they do not go out.
    static OUTPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes read at once.
const INPUT_SIZE: usize = 64 * 1024;
/// Bytes of reply buffer that a thread keeps.
const MAX_KEPT: usize = 256 * 1024;
