//! The thread that drives the runtime while Python is busy.
//!
//! Normally the VU thread drives the runtime itself, which saves a hand-over per message. When it has been
//! away, in a handler, for a whole tick, the guardian takes over: pongs leave, arrival times are taken,
//! timeouts fire, queued frames are written. When the VU thread comes back the guardian lets go at once.
//!
//! It never touches Python. While the VU thread waits inside the runtime the guardian sleeps for good: an
//! idle run has no periodic wake-ups.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

/// How long the VU thread may be away: it is noticed after one tick, and at most two.
const TICK: Duration = Duration::from_millis(5);

/// What the VU thread and the guardian tell each other.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Even: the VU thread drives the runtime. Odd: it is away. Each change adds one.
    phase: AtomicU64,
    /// The guardian sleeps until the VU thread leaves.
    is_asleep: AtomicBool,
    /// The guardian drives the runtime.
    is_driving: AtomicBool,
    is_over: AtomicBool,
    /// It drives whenever the VU thread is away, without waiting for a tick.
    is_always: AtomicBool,
    /// Ends the guardian's turn, or makes it look at what is dirty.
    turn: Mutex<Option<Waker>>,
    takeovers: AtomicU64,
}

impl Watch {
    /// The VU thread comes back to drive the runtime.
    pub(crate) fn enter(&self) {
        self.phase.fetch_add(1, Ordering::SeqCst);
        if self.is_driving.load(Ordering::SeqCst) {
            self.nudge();
        }
    }

    /// The VU thread leaves the runtime to run handlers.
    fn leave(&self, guardian: &Thread) {
        self.phase.fetch_add(1, Ordering::SeqCst);
        if self.is_asleep.load(Ordering::SeqCst) {
            guardian.unpark();
        }
    }

    /// Something is to be written: if the guardian drives, it must be told.
    pub(crate) fn dirty(&self) {
        if self.is_driving.load(Ordering::SeqCst) {
            self.nudge();
        }
    }

    fn nudge(&self) {
        let waker = self
            .turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_away(phase: u64) -> bool {
        phase % 2 == 1
    }
}

/// The thread; stopped when dropped.
#[derive(Debug)]
pub(crate) struct Guardian {
    watch: Arc<Watch>,
    thread: Thread,
    /// Until it is stopped.
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Guardian {
    /// Starts watching over `runtime`; `each_turn` is called inside it to pass on what is dirty, and `rest` is how it
    /// waits: see [`rest`].
    pub(crate) fn start(
        runtime: Arc<tokio::runtime::Runtime>,
        each_turn: impl Fn(&mut Context<'_>) + Send + 'static,
        rest: fn(Option<Duration>),
    ) -> std::io::Result<Self> {
        let watch = Arc::new(Watch::default());
        // The VU thread begins outside the runtime.
        watch.phase.store(1, Ordering::SeqCst);
        let seen_by_thread = watch.clone();
        let running = std::thread::Builder::new()
            .name("k6ws-guardian".into())
            .spawn(move || guard(&seen_by_thread, &runtime, each_turn, rest))?;
        Ok(Self {
            watch,
            thread: running.thread().clone(),
            running: Mutex::new(Some(running)),
        })
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// The VU thread leaves the runtime.
    pub(crate) fn leave(&self) {
        self.watch.leave(&self.thread);
    }

    /// Has the guardian drive whenever the VU thread is away, or only when it has been away for long.
    pub(crate) fn drive_always(&self, always: bool) {
        self.watch.is_always.store(always, Ordering::SeqCst);
        self.watch.nudge();
        self.thread.unpark();
    }

    /// A tick is over, for one that does not tick by itself.
    #[cfg(test)]
    pub(super) fn ticks(&self) {
        self.thread.unpark();
    }

    /// How often the guardian had to take over.
    pub(crate) fn takeovers(&self) -> u64 {
        self.watch.takeovers.load(Ordering::Relaxed)
    }
}

impl Guardian {
    /// Ends the thread and waits for it.
    pub(crate) fn stop(&self) {
        self.watch.is_over.store(true, Ordering::SeqCst);
        self.watch.nudge();
        self.thread.unpark();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.take() {
            // A panic in there has been reported by the runtime; there is nobody left to tell.
            let _ = running.join();
        }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Rests for this long, or until somebody has news; for ever, if it has no bound.
pub(super) fn rest(bound: Option<Duration>) {
    match bound {
        Some(bound) => std::thread::park_timeout(bound),
        None => std::thread::park(),
    }
}

/// All that the thread does; `rest` is how it waits.
fn guard(
    watch: &Watch,
    runtime: &tokio::runtime::Runtime,
    each_turn: impl Fn(&mut Context<'_>),
    rest: impl Fn(Option<Duration>),
) {
    let mut seen = watch.phase.load(Ordering::SeqCst);
    while !watch.is_over.load(Ordering::SeqCst) {
        let is_always = watch.is_always.load(Ordering::SeqCst);
        if !is_always || !Watch::is_away(seen) {
            rest(Some(TICK));
        }
        let phase = watch.phase.load(Ordering::SeqCst);
        if phase == seen && Watch::is_away(phase) {
            let driving = || drive(watch, runtime, phase, &each_turn);
            // Told by the panic hook already. Without a guardian a program with a loop of its own would hang, so it
            // goes on with what is left.
            let _ = std::panic::catch_unwind(AssertUnwindSafe(driving));
            watch.is_driving.store(false, Ordering::SeqCst);
            *watch.turn.lock().unwrap_or_else(PoisonError::into_inner) = None;
        } else if phase == seen {
            watch.is_asleep.store(true, Ordering::SeqCst);
            // Checked after the flag is up, so a departure in between is not missed.
            if watch.phase.load(Ordering::SeqCst) == seen && !watch.is_over.load(Ordering::SeqCst) {
                rest(None);
            }
            watch.is_asleep.store(false, Ordering::SeqCst);
        }
        seen = watch.phase.load(Ordering::SeqCst);
    }
}

/// Drives the runtime until the VU thread is back.
fn drive(
    watch: &Watch,
    runtime: &tokio::runtime::Runtime,
    away: u64,
    each_turn: &impl Fn(&mut Context<'_>),
) {
    watch.takeovers.fetch_add(1, Ordering::Relaxed);
    watch.is_driving.store(true, Ordering::SeqCst);
    runtime.block_on(poll_fn(|cx| {
        *watch.turn.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        let is_back = watch.phase.load(Ordering::SeqCst) != away;
        if is_back || watch.is_over.load(Ordering::SeqCst) {
            return Poll::Ready(());
        }
        each_turn(cx);
        Poll::Pending
    }));
}

#[cfg(test)]
mod tests;
