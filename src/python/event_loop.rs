//! `k6ws._core.Loop`: the runtime as the Python loop sees it.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use super::acceptance::PySourceBase;
use super::convert::{duration, error};
use super::hand_out::{Handed, HandingOut};
use super::receivers::{Receiver, Receivers};
use super::wakes::Wakes;
use crate::clock;
use crate::engine::Runtime;
use crate::engine::measure::milliseconds;
use crate::engine::runtime::mailbox::{Event, EventKind, ReceiverId};
use crate::engine::runtime::timers::TimerId;

/// Sockets and timers of one thread. Events come in batches from `poll_events`.
#[pyclass(frozen, weakref, name = "Loop", module = "k6ws._core")]
pub(super) struct PyLoop {
    runtime: Arc<Runtime>,
    receivers: Mutex<Receivers>,
    handing: HandingOut,
    /// The thread that made it, and may use it.
    owner: usize,
    /// Set in a forked child: its threads and its sockets' driver stayed in the parent.
    is_forked: AtomicBool,
    /// It may not be used any more: its thread has ended, whose number another one may have by now, or it was
    /// forked.
    is_closed: AtomicBool,
    is_polling: AtomicBool,
    polls: AtomicU64,
    began: clock::Instant,
}

#[pymethods]
impl PyLoop {
    #[new]
    fn new() -> PyResult<Self> {
        let runtime = Runtime::new()
            .map_err(|error| PyOSError::new_err(format!("cannot start the event loop: {error}")))?;
        Ok(Self {
            runtime: Arc::new(runtime),
            receivers: Mutex::default(),
            handing: HandingOut::default(),
            owner: this_thread(),
            is_forked: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            is_polling: AtomicBool::new(false),
            polls: AtomicU64::new(0),
            began: clock::now(),
        })
    }

    /// Runs sockets and timers until something happened or `patience_ms` is spent (`None`: no limit).
    /// At most 256 of the events are then there to be iterated over.
    #[pyo3(signature = (patience_ms=None))]
    fn poll_events(&self, py: Python<'_>, patience_ms: Option<f64>) -> PyResult<()> {
        self.check_owner(py)?;
        let patience = patience_ms.map(|ms| duration(ms, "patience")).transpose()?;
        if self.is_polling.swap(true, Ordering::Acquire) {
            let text = "poll_events is already running";
            return Err(error(py, "K6Error", text.into(), ""));
        }
        self.polls.fetch_add(1, Ordering::Relaxed);
        // Whatever ends it, a panic included.
        let polling = Polling(&self.is_polling);
        py.detach(|| self.runtime.poll(patience));
        drop(polling);
        self.handing.begin(py, self.runtime.begin_hand_out(), true);
        Ok(())
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// The next event of those that were polled or taken.
    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Handed>> {
        self.handing.next(py, &self.runtime, &self.receivers)
    }

    /// When the event that was handed out last became known at its socket, as `now` tells time.
    fn arrived(&self, py: Python<'_>) -> f64 {
        let at = self.handing.arrived(py).unwrap_or(self.began);
        self.time_of(at)
    }

    /// The source whose handler was handed out last, if that has not returned: it waits, or it raised.
    fn leave(&self, py: Python<'_>) -> Option<Py<PySourceBase>> {
        self.handing.leave(py)
    }

    /// The source whose handler was handed out last; that has not returned, or returned just now.
    fn running(&self, py: Python<'_>) -> Option<Py<PySourceBase>> {
        self.handing.running(py)
    }

    /// For a program with an event loop of its own: from now on the sockets are driven by the guardian, and
    /// the descriptor that this returns becomes readable when `take_events` has something to bring.
    fn host(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.check_owner(py)?;
        let bell = self.runtime.embed()?;
        Ok(bell.as_raw_fd())
    }

    /// The program's event loop is gone: `poll_events` drives again.
    fn unhost(&self) {
        self.runtime.end_embedding();
    }

    /// Makes what there is ready to be iterated over, without waiting and without driving anything.
    fn take_events(&self, py: Python<'_>) -> PyResult<()> {
        self.check_owner(py)?;
        self.runtime.take();
        self.handing.begin(py, self.runtime.begin_hand_out(), false);
        Ok(())
    }

    /// Milliseconds since the loop was made, from the clock that everything is measured with.
    fn now(&self) -> f64 {
        self.time_of(clock::now())
    }

    /// Calls `receiver(kind, data)` after `delay_ms`, or every `period_ms`. Returns the timer's id.
    #[pyo3(signature = (delay_ms, receiver, period_ms=None))]
    fn add_timer(
        &self,
        py: Python<'_>,
        delay_ms: f64,
        receiver: Py<PyAny>,
        period_ms: Option<f64>,
    ) -> PyResult<u64> {
        self.check_owner(py)?;
        let period = period_ms.map(|ms| duration(ms, "period")).transpose()?;
        let id = self.runtime.add_timer(duration(delay_ms, "delay")?, period);
        self.receivers().timers.insert(id, receiver);
        Ok(id.0)
    }

    /// Calls `receiver(TIMER, None)` at the loop's next turn: the one thing that every thread may ask for.
    fn post(&self, py: Python<'_>, receiver: Py<PyAny>) -> PyResult<()> {
        self.check_process(py)?;
        // Locked before the timer is armed: it may be due before this thread goes on.
        let mut receivers = self.receivers();
        let id = self.runtime.add_timer(Duration::ZERO, None);
        receivers.timers.insert(id, receiver);
        drop(receivers);
        self.runtime.wake();
        Ok(())
    }

    /// Disarms a timer; nothing happens if it has fired for the last time.
    fn cancel_timer(&self, id: u64) {
        let id = TimerId(id);
        self.runtime.cancel_timer(id);
        // Dropped after the lock is free, since that may run a finaliser.
        let receiver = self.receivers().timers.remove(&id);
        drop(receiver);
    }

    /// In a forked child: refuse every further use. Asking for the process id at each call would cost a
    /// system call for each message.
    fn forked(&self) {
        self.is_forked.store(true, Ordering::Relaxed);
        self.is_closed.store(true, Ordering::Relaxed);
        // Never dropped here: its epoll is shared with the parent, whose sockets and timers a clean-up in
        // the child would take out of it, and its guardian thread does not exist in the child.
        std::mem::forget(self.runtime.clone());
    }

    /// Gives everything back, whoever still has a part of it: the thread ends. Connections that were told to
    /// close have `patience_ms` to say goodbye; receivers are told nothing any more.
    fn close(&self, py: Python<'_>, patience_ms: f64) -> PyResult<()> {
        let patience = duration(patience_ms, "patience")?;
        // What a forked child has is its parent's.
        if !self.is_forked.load(Ordering::Relaxed) && !self.is_polling.load(Ordering::Acquire) {
            self.is_closed.store(true, Ordering::Relaxed);
            py.detach(|| self.runtime.close(patience));
        }
        // Dropped after the lock is free: this runs finalisers.
        let gone = self.receivers().clear();
        drop(gone);
        Ok(())
    }

    /// Connections that are being made, are open or are closing.
    fn connections(&self) -> usize {
        self.runtime.connections()
    }

    /// Raises unless the calling thread is the loop's own: before anything is changed.
    fn check_thread(&self, py: Python<'_>) -> PyResult<()> {
        self.check_owner(py)
    }

    /// Whether the calling thread is the loop's own.
    fn is_own_thread(&self) -> bool {
        this_thread() == self.owner && !self.is_closed.load(Ordering::Relaxed)
    }

    /// How often `poll_events` was called.
    fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    /// Whether `poll_events` is running now; a signal handler may ask.
    fn is_polling(&self) -> bool {
        self.is_polling.load(Ordering::Acquire)
    }

    /// A descriptor that can be read, once for each, when handlers have kept the loop so long that the
    /// guardian looks after the sockets. Reading it blocks.
    fn listen_for_holds(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.check_owner(py)?;
        Ok(self.runtime.listen_for_holds()?.as_raw_fd())
    }

    /// Has whoever reads that descriptor return from it.
    fn ring_for_holds(&self) {
        self.runtime.wake_listener_of_holds();
    }

    /// The number of the hold that is under way, from 1; 0 while there is none. From any thread.
    fn hold(&self) -> u64 {
        self.runtime.hold()
    }

    /// How long the longest hold of the run was, in milliseconds, and its number. From any thread.
    fn longest_hold(&self) -> (f64, u64) {
        let (longest, number) = self.runtime.longest_hold();
        (milliseconds(longest), number)
    }

    /// How often the guardian had to drive the sockets because a handler took long.
    fn takeovers(&self) -> u64 {
        self.runtime.takeovers()
    }
}

impl PyLoop {
    /// The instant of a time that `now` told.
    pub(super) fn instant_of(&self, ms: f64) -> PyResult<clock::Instant> {
        Ok(self.began + duration(ms, "time")?)
    }

    /// An instant as `now` tells time, in milliseconds.
    pub(super) fn time_of(&self, at: clock::Instant) -> f64 {
        milliseconds(at.saturating_duration_since(self.began))
    }

    /// How many messages for a connection wait in batches that are being handed out.
    pub(super) fn messages_of(&self, py: Python<'_>, id: ReceiverId) -> usize {
        self.handing.messages_of(py, id)
    }

    /// Python's half of a connection is gone: its number may serve another.
    pub(super) fn let_go(&self, id: ReceiverId) {
        self.runtime.forget(id);
        let gone = self.receivers().let_go(id);
        drop(gone);
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A number for a connection whose events go to `receiver`. With a `socket` its messages are `MessageEvent`s.
    pub(super) fn add_connection(
        &self,
        py: Python<'_>,
        receiver: Py<PyAny>,
        socket: Option<Py<PyAny>>,
    ) -> ReceiverId {
        let receiver = Receiver::of_connection(py, receiver, socket);
        self.receivers().add_held(receiver)
    }

    /// Looks at who waits for requests of this connection, once somebody has.
    pub(super) fn with_wakes<R>(
        &self,
        id: ReceiverId,
        look: impl FnOnce(&mut Option<Box<Wakes>>) -> R,
    ) -> Option<R> {
        self.receivers().wakes(id).map(look)
    }

    pub(super) fn add_receiver(&self, receiver: Py<PyAny>) -> ReceiverId {
        self.receivers().add(receiver)
    }

    /// Lets receivers go that will get no more events.
    pub(super) fn remove_receivers(&self, targets: &[ReceiverId]) {
        let mut receivers = self.receivers();
        let gone: Vec<_> = targets
            .iter()
            .filter_map(|target| Some((*target, receivers.retire(*target)?)))
            .collect();
        drop(receivers);
        for (target, _) in &gone {
            let last = Event::bare(*target, EventKind::Ended, clock::now());
            self.runtime.push(last);
        }
        // After the lock: this may run finalisers.
        drop(gone);
    }

    /// A loop belongs to the thread and the process that made it.
    pub(super) fn check_owner(&self, py: Python<'_>) -> PyResult<()> {
        self.check_process(py)?;
        if this_thread() != self.owner {
            let text = "this k6ws object belongs to another thread";
            let hint = "each thread has its own loop: make the socket where it is used; \
                        what ends it (close, destroy) works from every thread";
            return Err(error(py, "K6Error", text.into(), hint));
        }
        Ok(())
    }

    /// One that was forked, or whose thread has ended, is of no use to anybody.
    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if !self.is_closed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (text, hint) = if self.is_forked.load(Ordering::Relaxed) {
            let text = "this k6ws loop was made before the process forked";
            (text, "start processes with spawn")
        } else {
            let text = "this k6ws object belongs to a thread that has ended";
            (
                text,
                "each thread has its own loop: make the socket where it is used",
            )
        };
        Err(error(py, "K6Error", text.into(), hint))
    }

    fn receivers(&self) -> MutexGuard<'_, Receivers> {
        self.receivers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the mark of a poll away when it is over.
struct Polling<'a>(&'a AtomicBool);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

thread_local! {
    static MARK: u8 = const { 0 };
}

/// A number that no other living thread has: cheaper to ask for than its id.
fn this_thread() -> usize {
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}
