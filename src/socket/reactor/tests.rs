//! The reactor on real sockets, with a clock that the test moves, and sessions that only tell what is asked of them.

use std::future::poll_fn;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use super::Reactor;
use crate::clock::{self, Instant};
use crate::socket::keeper::session::ByteSession;
use crate::socket::queue::{Keeper, Key};
use crate::socket::stream::Counted;

mod drivers;
mod ends;
mod turns;

/// How long a test on real time waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was seen of a session, shared with the test.
#[derive(Debug, Default)]
struct Seen {
    log: Mutex<Vec<String>>,
    turns: AtomicUsize,
    key: OnceLock<Key>,
    is_paused: AtomicBool,
    is_leaving: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    is_dropped: AtomicBool,
}

impl Seen {
    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    fn bytes_heard(&self) -> usize {
        let log = self.log();
        let heard = log.iter().filter_map(|line| line.strip_prefix("heard "));
        heard.map(|bytes| bytes.parse::<usize>().unwrap()).sum()
    }

    fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }

    fn key(&self) -> Key {
        *self.key.get().unwrap()
    }
}

/// A session that reads `bite` bytes at a time.
struct Ear {
    seen: Arc<Seen>,
    bite: usize,
    /// Fails at a `!`.
    is_over: bool,
    written: usize,
}

impl Ear {
    fn new(seen: &Arc<Seen>, bite: usize) -> Self {
        Self {
            seen: seen.clone(),
            bite,
            is_over: false,
            written: 0,
        }
    }

    fn tell(&self, what: impl Into<String>) {
        self.seen.log.lock().unwrap().push(what.into());
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.seen.is_dropped.store(true, Ordering::SeqCst);
    }
}

impl ByteSession for Ear {
    fn attach(&self, keeper: Keeper) {
        if let Keeper::Reactor(key) = keeper {
            self.seen.key.set(key).unwrap();
        }
    }

    fn tend(&mut self) {
        self.seen.turns.fetch_add(1, Ordering::Relaxed);
        let mut deadline = self.seen.deadline.lock().unwrap();
        if deadline.is_some_and(|at| at <= clock::now()) {
            *deadline = None;
            self.tell("due");
        }
        self.is_over |= self.seen.is_leaving.load(Ordering::Relaxed);
    }

    fn unwritten(&mut self) -> Option<(&[u8], Option<Instant>)> {
        None
    }

    fn wrote(&mut self, count: usize, _: Option<Instant>) {
        self.written += count;
    }

    fn blocked(&mut self) {
        self.tell("blocked");
    }

    fn write_failed(&mut self, error: &io::Error) {
        self.is_over = true;
        self.tell(format!("not written: {}", error.kind()));
    }

    fn appetite(&mut self, most: usize) -> usize {
        if self.is_over || self.is_paused() {
            return 0;
        }
        most.min(self.bite)
    }

    fn take_in(&mut self, bytes: &mut [u8], _arrived: Option<Instant>) {
        assert_ne!(bytes, b"!", "the test wants it");
        self.tell(format!("heard {}", bytes.len()));
    }

    fn ended(&mut self) {
        self.is_over = true;
        self.tell("ended");
    }

    fn read_failed(&mut self, error: &io::Error) {
        self.is_over = true;
        self.tell(format!("not read: {}", error.kind()));
    }

    fn has_to_answer(&mut self) -> bool {
        false
    }

    fn give_up_late(&mut self) {}

    fn deadline(&self) -> Option<Instant> {
        *self.seen.deadline.lock().unwrap()
    }

    fn wants_turn(&self) -> bool {
        true
    }

    fn is_paused(&self) -> bool {
        self.seen.is_paused.load(Ordering::Relaxed)
    }

    fn is_over(&self) -> bool {
        self.is_over
    }

    fn finish(&mut self) {
        self.tell("finished");
    }
}

/// A reactor, and a task that drives it.
struct Rig {
    reactor: Arc<Reactor>,
    /// Ends with it.
    open: JoinHandle<()>,
}

impl Rig {
    fn new() -> Self {
        let rig = Self::undriven();
        tokio::spawn(rig.reactor.clone().driven());
        rig
    }

    /// For a test whose own futures drive.
    fn undriven() -> Self {
        let (reactor, until_closed) = Reactor::new().unwrap();
        let open = tokio::spawn(until_closed);
        Self { reactor, open }
    }

    /// A connection whose session reads `bite` bytes at a time, and its peer.
    fn connect(&self, bite: usize) -> (Arc<Seen>, UnixStream) {
        self.connect_with(bite, Seen::default())
    }

    fn connect_with(&self, bite: usize, seen: Seen) -> (Arc<Seen>, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let seen = Arc::new(seen);
        let counted = Counted::new(ours, Arc::default());
        self.reactor
            .adopt(counted, Ear::new(&seen, bite), Vec::new());
        (seen, theirs)
    }

    /// Has the session look again.
    fn poke(&self, seen: &Seen) {
        self.reactor.mark_dirty(seen.key());
        self.reactor.wake();
    }
}

/// Lets all tasks run until none has anything to do; no time passes.
async fn settle() {
    for _ in 0..30 {
        tokio::task::yield_now().await;
    }
}

/// Drives until something is so; true unless it never is.
async fn drive_until(reactor: &Reactor, mut is_so: impl FnMut() -> bool) -> bool {
    let driving = poll_fn(|cx| {
        reactor.drive(cx);
        if is_so() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    tokio::time::timeout(PATIENCE, driving).await.is_ok()
}
