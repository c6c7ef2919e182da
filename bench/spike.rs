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

#![expect(
    clippy::disallowed_methods,
    reason = "measures by a clock that nobody pauses"
)]

use std::error::Error;
use std::future::poll_fn;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use futures_util::{Sink, Stream};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

type Failure = Box<dyn Error + Send + Sync>;
type Connection = Arc<Mutex<WebSocketStream<TcpStream>>>;

const PAYLOAD: &[u8] = &[b'x'; 64];
const READ_BUFFER: usize = 4096;

fn main() -> Result<(), Failure> {
    // Cargo adds `--bench`. Alone it means "run all benches": nothing to do without a server.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let mut out = std::io::stdout().lock();
    let Some(load) = Load::parse(&words)? else {
        writeln!(
            out,
            "usage: spike ws://127.0.0.1:PORT/ CONNS IN_FLIGHT SECONDS [WARMUP]"
        )?;
        return Ok(());
    };
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut client = runtime.block_on(Client::connect(&load))?;
    let window = client.run(&runtime, &load)?;
    writeln!(out, "{}", window.report(client.received))?;
    Ok(())
}

/// What is asked for on the command line.
struct Load {
    url: String,
    conns: usize,
    in_flight: u64,
    seconds: Duration,
    warmup: Duration,
}

impl Load {
    fn parse(words: &[String]) -> Result<Option<Self>, Failure> {
        let (url, conns, in_flight, seconds, warmup) = match words {
            [url, conns, in_flight, seconds] => (url, conns, in_flight, seconds, "0.5"),
            [url, conns, in_flight, seconds, warmup] => {
                (url, conns, in_flight, seconds, warmup.as_str())
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            url: url.clone(),
            conns: conns.parse()?,
            in_flight: in_flight.parse()?,
            seconds: Duration::try_from_secs_f64(seconds.parse()?)?,
            warmup: Duration::try_from_secs_f64(warmup.parse()?)?,
        }))
    }

    fn address(&self) -> Result<&str, Failure> {
        let rest = self
            .url
            .strip_prefix("ws://")
            .ok_or("the URL must begin with ws://")?;
        Ok(rest.trim_end_matches('/'))
    }
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

/// The part of the run that is measured: after the warm-up, for the seconds asked.
struct Window {
    opens: Instant,
    before: u64,
    messages: u64,
    cpu: f64,
    opened: Option<Instant>,
    started: f64,
    ended: Option<f64>,
}

impl Window {
    fn after(warmup: Duration) -> Self {
        Self {
            opens: Instant::now() + warmup,
            before: 0,
            messages: 0,
            cpu: 0.0,
            opened: None,
            started: 0.0,
            ended: None,
        }
    }

    fn closed(&self) -> bool {
        self.ended.is_some()
    }

    /// Opens or closes the window if it is time.
    fn advance(&mut self, length: Duration, received: u64) -> Result<(), Failure> {
        let now = Instant::now();
        match self.opened {
            None if now >= self.opens => {
                self.opened = Some(now);
                self.started = monotonic_seconds()?;
                self.before = received;
                self.cpu = cpu_seconds()?;
            }
            Some(opened) if !self.closed() && now >= opened + length => {
                self.ended = Some(monotonic_seconds()?);
                self.messages = received - self.before;
                self.cpu = cpu_seconds()? - self.cpu;
            }
            _ => {}
        }
        Ok(())
    }

    fn report(&self, total: u64) -> serde_json::Value {
        let ended = self.ended.unwrap_or(self.started);
        serde_json::json!({
            "messages": self.messages,
            "cpu_s": self.cpu,
            "wall_s": ended - self.started,
            "started": self.started,
            "ended": ended,
            "total": total,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(unsafe_code, reason = "std does not tell the CPU time of this process")]
fn cpu_seconds() -> Result<f64, Failure> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the pointer is valid for writes of one `rusage`; the call fills it when it returns 0.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        usage.assume_init()
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

/// The clock that all processes share; `Instant` does not show its value.
#[expect(
    unsafe_code,
    reason = "std hides the absolute value of the monotonic clock"
)]
fn monotonic_seconds() -> Result<f64, Failure> {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is valid for writes of one `timespec`.
    if unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) } != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(now.tv_sec as f64 + now.tv_nsec as f64 / 1e9)
}
