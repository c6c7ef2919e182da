//! What a script has said on a connection and the wire has not yet taken.
//!
//! The only meeting point of the thread that runs handlers and the thread that drives the runtime: a
//! script appends encoded frames under a lock held for the copy, the session takes them all at once and
//! writes them in one piece. That is what corks sends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::close::NO_STATUS;
use super::deflate::Deflater;
use super::frame::{Opcode, encode};
use crate::socket::cork::Cork;
use crate::socket::queue::{Flush, Keeper, Key, Origin, Queued, SendError};

mod compressed;
mod frames;
use frames::Marked;
pub(crate) use frames::{Frames, Mark};

/// How a session is to be closed by our side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    /// How long to wait for the peer's Close and for the end of its stream, once ours is on its way.
    pub(crate) patience: Duration,
    /// The code of our Close.
    pub(crate) code: u16,
}

/// The queue of one connection.
pub struct Outbox {
    queue: Mutex<Queue>,
    max_buffered: usize,
    keeper: OnceLock<Keeper>,
    /// The queue has something that was not taken. A session that reads looks here in each turn.
    is_filled: AtomicBool,
    /// The script does not want to hear from the peer for now.
    is_reading_paused: AtomicBool,
    /// Nobody waits for the connection any more: it is over soon, whatever is still to be written.
    is_cut: AtomicBool,
    /// Where compression was agreed on.
    deflater: OnceLock<Box<Mutex<Deflater>>>,
}

#[derive(Default)]
struct Queue {
    frames: Frames,
    /// Bytes the session took and has not written.
    in_flight: usize,
    /// Payload bytes of data messages that are not written, control frames and headers left out.
    payload: usize,
    /// Somebody was refused for want of room and waits to be told.
    wants_room: bool,
    /// That one is told next that the session was given up.
    has_given_up: bool,
    cork: Cork,
    pings: u64,
    is_closed: bool,
    closing: Option<Closing>,
}

impl Queue {
    /// Makes ready for another frame; true if it is the first.
    #[inline]
    fn begin(&mut self) -> bool {
        let is_first = self.frames.bytes.is_empty();
        if is_first {
            self.frames.borrow();
        }
        is_first
    }

    /// Bytes that wait to be written.
    fn waiting(&self) -> usize {
        self.frames.bytes.len() + self.in_flight
    }
}

impl Outbox {
    /// An empty queue that holds at most `max_buffered` bytes.
    pub fn new(max_buffered: usize) -> Self {
        Self {
            queue: Mutex::default(),
            max_buffered,
            keeper: OnceLock::new(),
            is_filled: AtomicBool::new(false),
            is_reading_paused: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
            deflater: OnceLock::new(),
        }
    }

    /// Compresses messages from now on. Called once, before the session opens.
    pub fn compress(&self, deflater: Deflater) {
        // A second agreement does not exist.
        let _ = self.deflater.set(Box::new(Mutex::new(deflater)));
    }

    /// Queues a data message.
    pub fn send(&self, opcode: Opcode, payload: &[u8]) -> Result<Queued, SendError> {
        self.send_as(opcode, payload, Origin::Script)
    }

    /// The same of one that may be somebody else's.
    #[inline]
    pub fn send_as(
        &self,
        opcode: Opcode,
        payload: &[u8],
        origin: Origin,
    ) -> Result<Queued, SendError> {
        let mark = Marked::message(payload.len(), origin);
        match self.deflater.get() {
            None => self.push(opcode, payload, mark),
            Some(deflater) => self.push_compressed(deflater, opcode, payload, mark),
        }
    }

    /// Queues a ping whose payload is the connection's ping number, in decimal, from 0.
    pub fn ping(&self) -> Result<Queued, SendError> {
        let mut queue = self.lock();
        let number = queue.pings;
        let payload = number.to_string();
        let queued = self.append(
            &mut queue,
            Opcode::Ping,
            payload.as_bytes(),
            Mark::Ping(number).into(),
        )?;
        queue.frames.is_timed = true;
        queue.pings += 1;
        Ok(queued)
    }

    /// Queues a Close behind everything said so far; nothing may follow it. False when already closed.
    ///
    /// Code 1005 sends an empty Close. The reason is cut to the 123 bytes that fit.
    pub fn close(&self, code: u16, reason: &str, patience: Duration) -> bool {
        let mut queue = self.lock();
        self.is_filled.store(true, Ordering::Release);
        if queue.is_closed {
            if let Some(closing) = &mut queue.closing {
                closing.patience = closing.patience.min(patience);
            }
            return false;
        }
        let mut payload = Vec::new();
        if code != NO_STATUS {
            payload.extend_from_slice(&code.to_be_bytes());
            let mut fits = reason.len().min(123);
            while !reason.is_char_boundary(fits) {
                fits -= 1;
            }
            payload.extend_from_slice(&reason.as_bytes()[..fits]);
        }
        encode(
            &mut queue.frames.bytes,
            Opcode::Close,
            &payload,
            Some(rand::random()),
        );
        queue.frames.mark(Mark::Close);
        queue.is_closed = true;
        queue.closing = Some(Closing { patience, code });
        true
    }

    /// As [`Outbox::close`] for a connection that nobody waits for any more: it is over after `patience` even if
    /// the peer takes nothing of what is still queued, and also where a Close is under way already.
    pub fn cut(&self, code: u16, patience: Duration) -> bool {
        let is_first = self.close(code, "", patience);
        self.is_cut.store(true, Ordering::Release);
        is_first
    }

    /// How long what is blocked may last, once the connection is cut.
    pub(crate) fn cut_patience(&self) -> Option<Duration> {
        let is_cut = self.is_cut.load(Ordering::Acquire);
        let closing = if is_cut { self.lock().closing } else { None };
        closing.map(|closing| closing.patience)
    }

    /// Lets the session read no more, or again; then it must be flushed.
    pub fn pause_reading(&self, is_paused: bool) {
        self.is_reading_paused.store(is_paused, Ordering::Release);
    }

    /// Whether the session is not to read.
    pub(crate) fn is_reading_paused(&self) -> bool {
        self.is_reading_paused.load(Ordering::Acquire)
    }

    /// Bytes that wait to be written.
    pub fn buffered(&self) -> usize {
        self.lock().waiting()
    }

    /// Payload bytes of the data messages that wait to be written: what `bufferedAmount` means.
    pub fn buffered_payload(&self) -> usize {
        self.lock().payload
    }

    /// Names who writes what is queued here.
    pub(crate) fn attach(&self, keeper: Keeper) {
        // A connection is kept by one only.
        let _ = self.keeper.set(keeper);
        // Who queues something either finds the keeper behind this, or has queued it before: then the keeper finds that.
        drop(self.lock());
    }

    /// Takes everything queued into `into`, which is empty.
    pub(crate) fn take(&self, into: &mut Frames) -> Option<Closing> {
        if !self.is_filled() {
            return None;
        }
        let mut queue = self.lock();
        // Under the lock, as where it is set: what comes now sets it again.
        self.is_filled.store(false, Ordering::Relaxed);
        std::mem::swap(&mut queue.frames, into);
        queue.in_flight = into.bytes.len();
        queue.closing
    }

    /// Whether there is something to take; asked without the lock.
    #[inline]
    pub(crate) fn is_filled(&self) -> bool {
        self.is_filled.load(Ordering::Acquire)
    }

    /// Tells that data messages with this much payload were written, and how much of what was taken is not. True when
    /// somebody waits for room and has it now.
    pub(crate) fn written(&self, payload: usize, unwritten: usize) -> bool {
        let mut queue = self.lock();
        queue.payload -= payload;
        queue.in_flight = unwritten;
        let is_told = queue.wants_room && queue.waiting() <= self.max_buffered / 2;
        queue.wants_room &= !is_told;
        is_told
    }

    /// The session is over: nothing more is accepted, and what waited is gone. Tells how many messages.
    pub(crate) fn end(&self) -> usize {
        let mut queue = self.lock();
        queue.is_closed = true;
        queue.in_flight = 0;
        let frames = std::mem::take(&mut queue.frames);
        frames
            .marks
            .iter()
            .filter(|(_, mark)| mark.is_message())
            .count()
    }

    /// The peer took nothing for too long. Who waits for room hears that, and not that the session is over.
    pub(crate) fn give_up(&self) {
        let mut queue = self.lock();
        queue.has_given_up = queue.wants_room;
    }

    /// Refuses further sends without queueing a Close: the peer closed first. True when somebody waits for room,
    /// which will never be.
    pub(crate) fn refuse_more(&self) -> bool {
        let mut queue = self.lock();
        queue.is_closed = true;
        std::mem::take(&mut queue.wants_room)
    }

    fn push(&self, opcode: Opcode, payload: &[u8], mark: Marked) -> Result<Queued, SendError> {
        let mut queue = self.lock();
        let queued = self.append(&mut queue, opcode, payload, mark)?;
        queue.payload += payload.len();
        Ok(queued)
    }

    #[inline]
    fn append(
        &self,
        queue: &mut Queue,
        opcode: Opcode,
        payload: &[u8],
        mark: Marked,
    ) -> Result<Queued, SendError> {
        self.admit(queue, payload.len())?;
        let is_first = queue.begin();
        encode(
            &mut queue.frames.bytes,
            opcode,
            payload,
            Some(rand::random()),
        );
        queue.frames.end_with(mark);
        Ok(self.queued(queue, is_first))
    }

    fn queued(&self, queue: &mut Queue, is_first: bool) -> Queued {
        self.is_filled.store(true, Ordering::Release);
        let waiting = queue.waiting();
        Queued {
            is_first,
            wants_turn: queue.cork.wants_turn(waiting),
        }
    }

    /// Whether a frame with this payload may be queued now. A message larger than the whole limit is admitted alone, or
    /// it could never leave.
    fn admit(&self, queue: &mut Queue, length: usize) -> Result<(), SendError> {
        if queue.is_closed {
            let has_waited = std::mem::take(&mut queue.has_given_up);
            return Err(if has_waited {
                SendError::GivenUp
            } else {
                SendError::NotOpen
            });
        }
        let waiting = queue.waiting();
        if waiting > 0 && waiting + length > self.max_buffered {
            queue.wants_room = true;
            return Err(SendError::Full);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing in here can panic half-way through a change.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flush for Outbox {
    fn flush(&self) {
        if let Some(Keeper::Task(task)) = self.keeper.get()
            && let Some(task) = task.upgrade()
        {
            task.flush();
        }
    }

    fn key(&self) -> Option<Key> {
        match self.keeper.get()? {
            Keeper::Reactor(key) => Some(*key),
            Keeper::Task(_) => None,
        }
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("waiting", &self.buffered())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
