//! What the driver of the runtime and the VU thread share: events, numbers, and what is to be written.
//!
//! Locks here are held for a few instructions, never while a script runs.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Waker};

use super::lag::LagMeter;
use super::mailbox::Mailbox;
use crate::metrics::Recorder;
use crate::socket::dial::dialer::Dialer;
use crate::socket::queue::Flush;
use crate::socket::reactor::Reactor;

/// What the driver fills: events for the script, and numbers.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Events not yet handed out.
    pub mailbox: Mailbox,
    /// Numbers recorded by whoever drives the runtime.
    pub recorder: Recorder,
    /// The VU thread, waiting in [`Runtime::poll`].
    pub(super) consumer: Option<Waker>,
    /// Where the lag of the VU loop is recorded, during a run.
    pub(super) lag: Option<LagMeter>,
}

/// What the driver, the VU thread and the connections share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(super) arrivals: Mutex<Arrivals>,
    pub(super) dirty: Mutex<Vec<Arc<dyn Flush>>>,
    /// Who keeps plain connections, where it is not a task for each.
    pub(crate) reactor: OnceLock<Arc<Reactor>>,
    pub(crate) dialer: Dialer,
    /// Connections that have not told their last event.
    pub(crate) connections: AtomicUsize,
}

impl Shared {
    /// The arrivals, for one event or a few; wakes the VU thread afterwards if there is news.
    pub(crate) fn post<R>(&self, post: impl FnOnce(&mut Arrivals) -> R) -> R {
        let mut arrivals = lock(&self.arrivals);
        let result = post(&mut arrivals);
        let consumer = if arrivals.mailbox.is_empty() {
            None
        } else {
            arrivals.consumer.take()
        };
        drop(arrivals);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
        result
    }

    /// Whether events wait; if not, `cx` is woken when there are some.
    pub(super) fn has_mail(&self, cx: &mut Context<'_>) -> bool {
        let mut arrivals = lock(&self.arrivals);
        arrivals.consumer = Some(cx.waker().clone());
        !arrivals.mailbox.is_empty()
    }

    /// Records numbers without an event.
    pub(crate) fn record(&self, record: impl FnOnce(&mut Recorder)) {
        record(&mut lock(&self.arrivals).recorder);
    }

    /// Has the sessions write that have something new to write, and the reactor give its turns. Whoever drives the
    /// runtime calls this in each poll of its future.
    pub(super) fn drive(&self, cx: &mut Context<'_>) {
        let reactor = self.reactor.get();
        let dirty = std::mem::take(&mut *lock(&self.dirty));
        if dirty.capacity() > 0 {
            self.flush(dirty, reactor);
        }
        if let Some(reactor) = reactor {
            reactor.drive(cx);
        }
    }

    fn flush(&self, mut dirty: Vec<Arc<dyn Flush>>, reactor: Option<&Arc<Reactor>>) {
        for queue in dirty.drain(..) {
            match (queue.key(), reactor) {
                (Some(key), Some(reactor)) => reactor.mark_dirty(key),
                _ => queue.flush(),
            }
        }
        // Give the emptied list back, for its memory.
        let mut list = lock(&self.dirty);
        if list.is_empty() {
            *list = dirty;
        }
    }
}

pub(in crate::engine) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic under one of these locks is a bug that has been reported; the data stays usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
