//! The measured alternative to our own frame loop: tokio-tungstenite, driven inline.
//!
//! ```text
//! cargo bench --no-default-features --bench spike -- URL CONNS IN_FLIGHT SECONDS [WARMUP]
//! ```
//!
//! The same design as the product with another WebSocket implementation and no Python: the
//! consumer's own thread drives a current-thread runtime, `block_on` returns when a shared batch of
//! received messages is not empty, the consumer answers each message, and everything it fed to a
//! connection leaves in one flush at the next `block_on`. One task per connection, no `split()`, 4
//! KiB read buffers, state that is `Send`.
//!
//! Prints the JSON line that `bench/README.md` describes; `bench/run.py` shows it beside the
//! product. Kept so that the decision for a frame loop of our own can be measured again whenever
//! either side changes.

#[path = "load.rs"]
mod load;

use std::future::poll_fn;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::{Sink, Stream};
use load::{Failure, Load, Window};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

type Connection = Arc<Mutex<WebSocketStream<TcpStream>>>;

const PAYLOAD: &[u8] = &[b'x'; 64];
const READ_BUFFER: usize = 4096;

fn main() -> Result<(), Failure> {
    let Some(load) = Load::from_command_line()? else {
        return Ok(());
    };
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut client = runtime.block_on(Client::connect(&load))?;
    let window = client.run(&runtime, &load)?;
    writeln!(std::io::stdout(), "{}", window.report(client.received))?;
    Ok(())
}

/// What the connection tasks have received since the consumer last took it.
#[derive(Default)]
struct Inbox {
    messages: Vec<(usize, Bytes)>,
    failure: Option<Failure>,
    /// The consumer, if it waits.
    waker: Option<Waker>,
}

impl Inbox {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The consumer's side: it alone feeds and flushes; the tasks only read.
struct Client {
    connections: Vec<Connection>,
    inbox: Arc<Mutex<Inbox>>,
    batch: Vec<(usize, Bytes)>,
    /// Connections that were fed since the last flush, each once.
    dirty: Vec<usize>,
    is_dirty: Vec<bool>,
    sent: u64,
    received: u64,
}

impl Client {
    async fn connect(load: &Load) -> Result<Self, Failure> {
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let mut connections = Vec::with_capacity(load.conns);
        for id in 0..load.conns {
            let tcp = TcpStream::connect(load.address()?).await?;
            tcp.set_nodelay(true)?;
            let (stream, _) = client_async_with_config(&load.url, tcp, Some(config)).await?;
            let connection = Arc::new(Mutex::new(stream));
            tokio::spawn(receive(id, Arc::clone(&connection), Arc::clone(&inbox)));
            connections.push(connection);
        }
        Ok(Self {
            connections,
            inbox,
            batch: Vec::new(),
            dirty: Vec::with_capacity(load.conns),
            is_dirty: vec![false; load.conns],
            sent: 0,
            received: 0,
        })
    }

    /// Echoes until the window has closed and everything sent has come back.
    fn run(&mut self, runtime: &Runtime, load: &Load) -> Result<Window, Failure> {
        for id in 0..load.conns {
            for _ in 0..load.in_flight {
                self.feed(id, Bytes::from_static(PAYLOAD))?;
            }
        }
        let mut window = Window::after(load.warmup);
        while !window.closed() || self.received < self.sent {
            window.advance(load.seconds, self.received)?;
            runtime.block_on(poll_fn(|cx| self.poll_turn(cx)))?;
            let mut batch = std::mem::take(&mut self.batch);
            for (id, message) in batch.drain(..) {
                self.received += 1;
                if !window.closed() {
                    self.feed(id, message)?;
                }
            }
            self.batch = batch; // keeps its allocation
        }
        Ok(window)
    }

    fn feed(&mut self, id: usize, payload: Bytes) -> Result<(), Failure> {
        let mut stream = lock(&self.connections[id]);
        Pin::new(&mut *stream).start_send(Message::Binary(payload))?;
        self.sent += 1;
        if !self.is_dirty[id] {
            self.is_dirty[id] = true;
            self.dirty.push(id);
        }
        Ok(())
    }

    /// Flushes what was fed, then is ready as soon as there is a batch to consume.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let Self {
            connections,
            dirty,
            is_dirty,
            ..
        } = self;
        let mut failed = None;
        dirty.retain(|&id| {
            let mut stream = lock(&connections[id]);
            match Pin::new(&mut *stream).poll_flush(cx) {
                Poll::Pending => return true,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => failed = Some(error),
            }
            is_dirty[id] = false;
            false
        });
        let mut inbox = lock(&self.inbox);
        if let Some(error) = failed.map(Failure::from).or_else(|| inbox.failure.take()) {
            return Poll::Ready(Err(error));
        }
        if inbox.messages.is_empty() {
            inbox.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        std::mem::swap(&mut inbox.messages, &mut self.batch);
        Poll::Ready(Ok(()))
    }
}

/// One task per connection: moves what arrives into the inbox until the connection ends.
async fn receive(id: usize, connection: Connection, inbox: Arc<Mutex<Inbox>>) {
    poll_fn(|cx| {
        let mut stream = lock(&connection);
        loop {
            let next = match Pin::new(&mut *stream).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(next) => next,
            };
            let mut inbox = lock(&inbox);
            let ended = match next {
                Some(Ok(Message::Binary(payload))) => {
                    inbox.messages.push((id, payload));
                    false
                }
                Some(Ok(_)) => false,
                Some(Err(error)) => {
                    inbox.failure = Some(error.into());
                    true
                }
                None => {
                    inbox.failure = Some("the server ended a connection".into());
                    true
                }
            };
            inbox.wake();
            if ended {
                return Poll::Ready(());
            }
        }
    })
    .await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
