//! `k6ws._core.Loop`: the runtime as the Python loop sees it.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use super::connection::{ConnectArguments, PyConnection};
use super::convert::{duration, error};
use super::events::EventList;
use super::tcp::{PyTcpConnection, TcpArguments};
use super::watch::PyWatched;
use crate::clock;
use crate::engine::Runtime;
use crate::engine::mailbox::{Event, EventKind, Payload, Target};
use crate::engine::measure::milliseconds;
use crate::engine::timers::TimerId;

/// Sockets and timers of one thread. Events come in batches from `poll_events`.
#[pyclass(frozen, weakref, name = "Loop", module = "k6ws._core")]
pub(super) struct PyLoop {
    runtime: Arc<Runtime>,
    receivers: Mutex<Receivers>,
    /// The thread that made it, and may use it.
    owner: usize,
    /// Set in a forked child: its threads and its sockets' driver stayed in the parent.
    is_forked: AtomicBool,
    is_polling: AtomicBool,
    polls: AtomicU64,
    began: clock::Instant,
}

/// The Python callables that events go to.
#[derive(Default)]
struct Receivers {
    targets: Vec<Option<Receiver>>,
    free: Vec<Target>,
    timers: HashMap<TimerId, Py<PyAny>>,
}

/// Who is called, and the socket that message events name as their target, if they are wanted.
pub(super) struct Receiver {
    pub(super) call: Py<PyAny>,
    pub(super) socket: Option<Py<PyAny>>,
}

impl Receiver {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            call: self.call.clone_ref(py),
            socket: self.socket.as_ref().map(|socket| socket.clone_ref(py)),
        }
    }

    fn timer(call: Py<PyAny>) -> Self {
        Self { call, socket: None }
    }
}

impl Receivers {
    fn add(&mut self, call: Py<PyAny>, socket: Option<Py<PyAny>>) -> Target {
        let receiver = Receiver { call, socket };
        if let Some(target) = self.free.pop() {
            self.targets[target as usize] = Some(receiver);
            return target;
        }
        self.targets.push(Some(receiver));
        Target::try_from(self.targets.len() - 1).unwrap_or(Target::MAX)
    }

    /// The receiver of an event, given back for good with its last one.
    fn of(&mut self, py: Python<'_>, event: &Event) -> Option<Receiver> {
        match event.payload {
            Payload::Timer(id, true) => self.timers.remove(&id).map(Receiver::timer),
            Payload::Timer(id, false) => {
                let call = self.timers.get(&id)?.clone_ref(py);
                Some(Receiver::timer(call))
            }
            _ if matches!(
                event.kind,
                EventKind::Refused | EventKind::Ended | EventKind::Finished
            ) =>
            {
                self.free.push(event.target);
                self.targets.get_mut(event.target as usize)?.take()
            }
            _ => self
                .targets
                .get(event.target as usize)?
                .as_ref()
                .map(|one| one.clone_ref(py)),
        }
    }
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
            owner: this_thread(),
            is_forked: AtomicBool::new(false),
            is_polling: AtomicBool::new(false),
            polls: AtomicU64::new(0),
            began: clock::now(),
        })
    }

    /// Runs sockets and timers until something happened or `patience_ms` is spent (`None`: no limit).
    /// Returns `(receiver, kind, data)` for each event, at most 256 of them.
    #[pyo3(signature = (patience_ms=None))]
    fn poll_events<'py>(
        &self,
        py: Python<'py>,
        patience_ms: Option<f64>,
    ) -> PyResult<Bound<'py, PyList>> {
        self.check_owner(py)?;
        let patience = patience_ms.map(|ms| duration(ms, "patience")).transpose()?;
        if self.is_polling.swap(true, Ordering::Acquire) {
            return Err(error(
                py,
                "K6Error",
                "poll_events is already running".into(),
                "",
            ));
        }
        self.polls.fetch_add(1, Ordering::Relaxed);
        py.detach(|| self.runtime.poll(patience));
        self.is_polling.store(false, Ordering::Release);
        self.events(py)
    }

    /// For a program with an event loop of its own: from now on the sockets are driven by the guardian, and
    /// the descriptor that this returns becomes readable when `take_events` has something to bring.
    fn host(&self, py: Python<'_>) -> PyResult<RawFd> {
        self.check_owner(py)?;
        let bell = self.runtime.host()?;
        Ok(bell.as_raw_fd())
    }

    /// The program's event loop is gone: `poll_events` drives again.
    fn unhost(&self) {
        self.runtime.unhost();
    }

    /// What there is, as `poll_events` brings it, without waiting and without driving anything.
    fn take_events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.check_owner(py)?;
        self.runtime.take();
        self.events(py)
    }

    /// Milliseconds since the loop was made, from the clock that everything is measured with.
    fn now(&self) -> f64 {
        milliseconds(clock::now() - self.began)
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

    /// Begins to connect. Events go to `receiver(kind, data)`; the first is OPENED or REFUSED, the last
    /// ENDED or REFUSED. With a `socket` the data of messages is a `MessageEvent` of that socket, and that
    /// of pings and pongs their arrival in milliseconds since 1970.
    #[pyo3(signature = (receiver, arguments, socket=None))]
    fn connect(
        slf: Py<Self>,
        py: Python<'_>,
        receiver: Py<PyAny>,
        arguments: ConnectArguments,
        socket: Option<Py<PyAny>>,
    ) -> PyResult<PyConnection> {
        slf.get().check_owner(py)?;
        let connect = arguments.into_connect(py, socket.is_some())?;
        let target = slf.get().receivers().add(receiver, socket);
        Ok(PyConnection::open(slf, target, connect))
    }

    /// Begins to make a raw TCP connection. The first event is OPENED or REFUSED, the last ENDED or REFUSED.
    fn connect_tcp(
        slf: Py<Self>,
        py: Python<'_>,
        receiver: Py<PyAny>,
        arguments: TcpArguments,
    ) -> PyResult<PyTcpConnection> {
        slf.get().check_owner(py)?;
        let connect = arguments.into_connect(py)?;
        let target = slf.get().receivers().add(receiver, None);
        Ok(PyTcpConnection::open(slf, target, connect))
    }

    /// Tells `receiver(READABLE, None)` that a descriptor is ready to be read, once until `rearm`.
    fn watch(slf: Py<Self>, py: Python<'_>, fd: RawFd, receiver: Py<PyAny>) -> PyResult<PyWatched> {
        slf.get().check_owner(py)?;
        PyWatched::new(py, slf, fd, receiver)
    }

    /// In a forked child: refuse every further use. Asking for the process id at each call would cost a
    /// system call for each message.
    fn forked(&self) {
        self.is_forked.store(true, Ordering::Relaxed);
        // Never dropped here: its epoll is shared with the parent, whose sockets and timers a clean-up in
        // the child would take out of it, and its guardian thread does not exist in the child.
        std::mem::forget(self.runtime.clone());
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
        this_thread() == self.owner
    }

    /// How often `poll_events` was called.
    fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    /// Whether `poll_events` is running now; a signal handler may ask.
    fn is_polling(&self) -> bool {
        self.is_polling.load(Ordering::Acquire)
    }

    /// How often the guardian had to drive the sockets because a handler took long.
    fn takeovers(&self) -> u64 {
        self.runtime.takeovers()
    }
}

impl PyLoop {
    /// The next batch as Python objects.
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut batch = EventList::new(py);
        self.runtime.hand_out(|event, bytes| {
            if batch.joins(event, bytes)? {
                return Ok(());
            }
            // The lock covers the look-up only: making objects may run a finaliser that comes back here.
            let Some(receiver) = self.receivers().of(py, event) else {
                return Ok(());
            };
            batch.push(event, bytes, receiver)
        })?;
        Ok(batch.into_list())
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(super) fn add_receiver(&self, receiver: Py<PyAny>) -> Target {
        self.receivers().add(receiver, None)
    }

    /// Lets receivers go that will get no more events.
    pub(super) fn remove_receivers(&self, targets: &[Target]) {
        let mut receivers = self.receivers();
        let gone: Vec<_> = targets
            .iter()
            .filter_map(|target| {
                let receiver = receivers.targets.get_mut(*target as usize)?.take()?;
                receivers.free.push(*target);
                Some(receiver)
            })
            .collect();
        drop(receivers);
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

    fn check_process(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_forked.load(Ordering::Relaxed) {
            let text = "this k6ws loop was made before the process forked";
            return Err(error(
                py,
                "K6Error",
                text.into(),
                "start processes with spawn",
            ));
        }
        Ok(())
    }

    fn receivers(&self) -> MutexGuard<'_, Receivers> {
        self.receivers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    static MARK: u8 = const { 0 };
}

/// A number that no other living thread has: cheaper to ask for than its id.
fn this_thread() -> usize {
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}
