//! What a script has written to a raw TCP connection and the wire has not yet taken.
//!
//! As `outbox` for WebSocket connections: the meeting point of the thread that runs handlers and the thread that
//! drives the runtime. Writes are numbered from 1 and leave in order, so "the first n are done" says it all.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use crate::clock::{self, Instant};
use crate::socket::cork::Cork;
use crate::socket::dial::options::Adjustment;
use crate::socket::queue::{Flush, Origin, Queued, SendError};
use crate::socket::tls::TlsSettings;

mod taken;
pub(super) use taken::Taken;

/// What a script asks of a stream besides writing.
#[derive(Clone, Debug)]
pub struct StartTls {
    /// What to trust.
    pub settings: TlsSettings,
    /// The name to verify when `settings` has none.
    pub host: Arc<str>,
    /// For the handshake.
    pub timeout: Duration,
    /// How many messages the script has had by now, where data is cut into messages.
    pub seen: Option<u64>,
}

/// The queue of one connection.
pub struct TcpQueue {
    queue: Mutex<Queue>,
    max_buffered: usize,
    session: OnceLock<Weak<dyn Flush>>,
    /// Bytes the session took and has not written.
    in_flight: AtomicUsize,
    wants_room: AtomicBool,
    /// Something else than writing was asked for. Read for every write, so that nothing is locked for it.
    has_request: AtomicBool,
    is_reading_paused: AtomicBool,
    /// Writes whose last byte the operating system took.
    done: AtomicU64,
    /// Somebody waits for this many writes to be done.
    wanted: AtomicU64,
    read: AtomicU64,
    written: AtomicU64,
    made: Instant,
    /// Of the last read, in microseconds after `made`.
    last_read: AtomicU64,
}

#[derive(Default)]
struct Queue {
    writes: Taken,
    /// Writes behind a `StartTls`.
    after_tls: Taken,
    cork: Cork,
    start_tls: Option<StartTls>,
    adjustment: Adjustment,
    is_upgrading: bool,
    accepted: u64,
    stage: Stage,
}

/// How far the script's side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    /// Our side ends behind what is queued.
    Ending,
    /// To be closed at once.
    Destroyed,
    /// The session is over.
    Closed,
}

impl TcpQueue {
    /// An empty queue that holds at most `max_buffered` bytes.
    pub fn new(max_buffered: usize) -> Self {
        Self {
            queue: Mutex::default(),
            max_buffered,
            session: OnceLock::new(),
            in_flight: AtomicUsize::new(0),
            wants_room: AtomicBool::new(false),
            has_request: AtomicBool::new(false),
            is_reading_paused: AtomicBool::new(false),
            done: AtomicU64::new(0),
            wanted: AtomicU64::new(u64::MAX),
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            made: clock::now(),
            last_read: AtomicU64::new(0),
        }
    }

    /// Queues a write; its number, and whether the driver must be told.
    pub fn write(&self, data: &[u8]) -> Result<(u64, Queued), SendError> {
        self.write_as(data, Origin::Script)
    }

    /// The same of one that may be somebody else's.
    pub fn write_as(&self, data: &[u8], origin: Origin) -> Result<(u64, Queued), SendError> {
        let mut queue = self.lock();
        if queue.stage != Stage::Open {
            return Err(SendError::NotOpen);
        }
        if !self.has_room(&queue, data.len()) {
            self.wants_room.store(true, Ordering::SeqCst);
            // The driver may have written the rest before it could see that wish, and would tell nobody.
            if !self.has_room(&queue, data.len()) {
                return Err(SendError::Full);
            }
            self.wants_room.store(false, Ordering::SeqCst);
        }
        let is_first = queue.writes.ends.is_empty();
        queue.accepted += 1;
        let number = queue.accepted;
        let Queue {
            writes,
            after_tls,
            is_upgrading,
            ..
        } = &mut *queue;
        let into = if *is_upgrading { after_tls } else { writes };
        into.add(data, origin);
        let waiting = self.waiting(&queue);
        let wants_turn = queue.cork.wants_turn(waiting);
        Ok((
            number,
            Queued {
                is_first,
                wants_turn,
            },
        ))
    }

    /// Ends our side behind everything written. False when there is nothing to end.
    pub fn end(&self) -> bool {
        let mut queue = self.lock();
        let was_open = queue.stage == Stage::Open;
        self.has_request.store(true, Ordering::Release);
        if was_open {
            queue.stage = Stage::Ending;
        }
        was_open
    }

    /// Closes at once; what is not written never will be.
    pub fn destroy(&self) {
        self.lock().stage = Stage::Destroyed;
        self.has_request.store(true, Ordering::Release);
    }

    /// Asks for TLS behind everything written. False when the stream is not open or TLS is on its way.
    pub fn start_tls(&self, request: StartTls) -> bool {
        let mut queue = self.lock();
        if queue.stage != Stage::Open || queue.is_upgrading {
            return false;
        }
        queue.is_upgrading = true;
        queue.start_tls = Some(request);
        self.has_request.store(true, Ordering::Release);
        true
    }

    /// Changes options of the socket, ahead of everything that is not written.
    pub fn adjust(&self, change: Adjustment) {
        let mut queue = self.lock();
        queue.adjustment = queue.adjustment.then(change);
        self.has_request.store(true, Ordering::Release);
    }

    /// Lets the session read no more, or again; then it must be flushed.
    pub fn pause_reading(&self, is_paused: bool) {
        self.is_reading_paused.store(is_paused, Ordering::Release);
    }

    /// Whether the session is not to read.
    pub(super) fn is_reading_paused(&self) -> bool {
        self.is_reading_paused.load(Ordering::Acquire)
    }

    /// Bytes that wait to be written.
    pub fn buffered(&self) -> usize {
        self.waiting(&self.lock())
    }

    /// Writes that are done: numbers up to this one.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// Asks to be told when this many writes are done.
    pub fn want(&self, number: u64) {
        self.wanted.fetch_min(number, Ordering::SeqCst);
    }

    /// Application bytes so far, as (read, written).
    pub fn bytes(&self) -> (u64, u64) {
        let read = self.read.load(Ordering::Relaxed);
        (read, self.written.load(Ordering::Relaxed))
    }

    /// Time since the last read, or since the connection was made.
    pub fn idle(&self) -> Duration {
        let last = self.made + Duration::from_micros(self.last_read.load(Ordering::Relaxed));
        clock::now().saturating_duration_since(last)
    }

    /// Names the session that writes what is queued here.
    pub(super) fn attach(&self, session: Weak<dyn Flush>) {
        self.touch(clock::now());
        // A connection has one session.
        let _ = self.session.set(session);
    }

    /// Bytes were read.
    pub(super) fn received(&self, bytes: usize, at: Instant) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        self.touch(at);
    }

    fn touch(&self, at: Instant) {
        let after = at.saturating_duration_since(self.made).as_micros();
        let after = u64::try_from(after).unwrap_or(u64::MAX);
        self.last_read.store(after, Ordering::Relaxed);
    }

    /// Takes everything queued into `into`, which is empty.
    pub(super) fn take(&self, into: &mut Taken) {
        let mut queue = self.lock();
        std::mem::swap(&mut queue.writes, into);
        self.in_flight.store(into.bytes.len(), Ordering::Relaxed);
    }

    /// `writes` and `bytes` more are with the operating system, and `left` bytes of what was taken are not.
    /// Tells whether somebody waited for that many writes, and whether somebody waits for room and has it.
    pub(super) fn progressed(&self, writes: u64, bytes: usize, left: usize) -> (bool, bool) {
        self.written.fetch_add(bytes as u64, Ordering::Relaxed);
        // First what is done and left, then the look for a wish; who wishes does it the other way round.
        self.in_flight.store(left, Ordering::SeqCst);
        let done = self.done.fetch_add(writes, Ordering::SeqCst) + writes;
        let wanted = self.wanted.load(Ordering::SeqCst);
        let is_wanted = wanted <= done;
        if is_wanted {
            // A wish for an even earlier one, made meanwhile, is done as well.
            let _ = self
                .wanted
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| {
                    (now <= done).then_some(u64::MAX)
                });
        }
        let has_room = self.wants_room.load(Ordering::SeqCst)
            && self.buffered() <= self.max_buffered / 2
            && self.wants_room.swap(false, Ordering::SeqCst);
        (is_wanted, has_room)
    }

    /// The request to start TLS, once everything before it is written.
    pub(super) fn take_start_tls(&self) -> Option<StartTls> {
        if !self.has_request() {
            return None;
        }
        let mut queue = self.lock();
        // Written since the last look: that leaves first, and in the clear.
        if !queue.writes.ends.is_empty() {
            return None;
        }
        queue.start_tls.take()
    }

    /// What is to be changed on the socket.
    pub(super) fn take_adjustment(&self) -> Option<Adjustment> {
        if !self.has_request() {
            return None;
        }
        let change = std::mem::take(&mut self.lock().adjustment);
        (change != Adjustment::default()).then_some(change)
    }

    /// Whether TLS is asked for and not begun.
    pub(super) fn wants_tls(&self) -> bool {
        self.has_request() && self.lock().start_tls.is_some()
    }

    /// TLS is there: what was written behind the request may leave.
    pub(super) fn upgraded(&self) {
        let mut queue = self.lock();
        queue.is_upgrading = false;
        queue.writes = std::mem::take(&mut queue.after_tls);
    }

    /// Whether our side is to be ended, with everything written.
    pub(super) fn wants_end(&self) -> bool {
        if !self.has_request() {
            return false;
        }
        let queue = self.lock();
        queue.stage == Stage::Ending && queue.writes.ends.is_empty() && !queue.is_upgrading
    }

    /// Whether the connection is to be closed at once.
    pub(super) fn is_destroyed(&self) -> bool {
        self.has_request() && self.lock().stage == Stage::Destroyed
    }

    /// The session is over: nothing more is accepted. Tells how many writes never will be done, and whether somebody
    /// waits for room, which will never be.
    pub(crate) fn close(&self) -> (u64, bool) {
        let mut queue = self.lock();
        queue.stage = Stage::Closed;
        queue.writes = Taken::default();
        queue.after_tls = Taken::default();
        self.in_flight.store(0, Ordering::Relaxed);
        let is_awaited = self.wants_room.swap(false, Ordering::SeqCst);
        (queue.accepted - self.done(), is_awaited)
    }

    fn has_request(&self) -> bool {
        self.has_request.load(Ordering::Acquire)
    }

    /// A write larger than the whole limit is admitted alone, or it could never leave.
    fn has_room(&self, queue: &Queue, length: usize) -> bool {
        let waiting = self.waiting(queue);
        waiting == 0 || waiting + length <= self.max_buffered
    }

    fn waiting(&self, queue: &Queue) -> usize {
        queue.writes.bytes.len()
            + queue.after_tls.bytes.len()
            + self.in_flight.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flush for TcpQueue {
    fn flush(&self) {
        if let Some(session) = self.session.get().and_then(Weak::upgrade) {
            session.flush();
        }
    }
}

impl std::fmt::Debug for TcpQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TcpQueue")
            .field("waiting", &self.buffered())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
