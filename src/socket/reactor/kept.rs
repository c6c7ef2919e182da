//! The reactor as others know it: connections are left here, and marked when something is queued for them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use mio::{Events, Registry};

use super::socket::Socket;
use super::state::{Outlook, State};
use crate::socket::keeper::session::ByteSession;
use crate::socket::queue::Key;
use crate::socket::stream::Counted;

/// All plain connections of a loop.
pub struct Reactor {
    state: Mutex<State>,
    /// Connections that the script has queued something for.
    dirty: Mutex<Vec<Key>>,
    /// Somebody waits for the state, which has its turn: the thread of the script has come back while the guardian
    /// drives.
    is_wanted: AtomicBool,
}

impl Reactor {
    /// With no connection; `registry` is that of the poller.
    pub(super) fn new(registry: Registry) -> Self {
        Self {
            state: Mutex::new(State::new(registry)),
            dirty: Mutex::default(),
            is_wanted: AtomicBool::new(false),
        }
    }

    /// Keeps `session` on `counted` from now on; `early` was read of it before. Call from within the runtime.
    ///
    /// Where the system refuses, the session is told so and ends; once nobody serves, it is dropped.
    pub fn adopt<B>(&self, counted: Counted, mut session: B, mut early: Vec<u8>)
    where
        B: ByteSession + 'static,
    {
        let socket = match Socket::new(counted) {
            Ok(socket) => socket,
            Err(error) => {
                session.read_failed(&error);
                return session.finish();
            }
        };
        if !early.is_empty() {
            session.take_in(&mut early);
        }
        let mut state = lock(&self.state);
        state.admit(socket, Box::new(session));
        state.tell();
    }

    /// Something was queued for a connection: it leaves at the next [`Reactor::flush_dirty`].
    pub fn mark_dirty(&self, key: Key) {
        lock(&self.dirty).push(key);
    }

    /// Writes what was queued. Call from within the runtime.
    pub fn flush_dirty(&self) {
        let mut dirty = std::mem::take(&mut *lock(&self.dirty));
        if dirty.is_empty() {
            return;
        }
        let mut state = self.enter();
        for key in &dirty {
            state.flush(*key);
        }
        state.tell();
        drop(state);
        // Give the emptied list back, for its memory.
        let mut list = lock(&self.dirty);
        if list.is_empty() {
            dirty.clear();
            *list = dirty;
        }
    }

    /// The state, before those that have their turn in it are through.
    fn enter(&self) -> MutexGuard<'_, State> {
        if let Ok(state) = self.state.try_lock() {
            return state;
        }
        self.is_wanted.store(true, Ordering::Relaxed);
        let state = lock(&self.state);
        self.is_wanted.store(false, Ordering::Relaxed);
        state
    }

    /// What the poller told, what is due and what is left: each has a turn, or is next.
    pub(super) fn turn(&self, events: &Events) {
        let mut state = lock(&self.state);
        events.iter().for_each(|event| state.heard(event));
        state.expire();
        state.give_turns(&self.is_wanted);
    }

    /// What the task that serves has to know before it waits.
    pub(super) fn outlook(&self, task: &Waker) -> Outlook {
        lock(&self.state).outlook(task)
    }

    /// Nobody serves any more.
    pub(super) fn close(&self) {
        let left = lock(&self.state).close();
        drop(left);
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reactor")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A session that panics is caught; what else could is a fault that has been reported, and the others go on.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
