//! The reactor as others know it: connections are left here, and marked when something is queued for them.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Context;

use super::poller::Poller;
use super::socket::Socket;
use super::state::State;
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
    /// With no connection, and the task whose end is its end. Call from within the runtime.
    ///
    /// # Cancel safety
    /// Dropping the task closes the reactor: every connection is dropped, and none is taken any more.
    pub fn new() -> io::Result<(Arc<Self>, impl Future<Output = ()> + Send)> {
        let reactor = Arc::new(Self {
            state: Mutex::new(State::new(Poller::new()?)),
            dirty: Mutex::default(),
            is_wanted: AtomicBool::new(false),
        });
        let open = Open(reactor.clone());
        let task = async move {
            let _open = open;
            std::future::pending::<()>().await;
        };
        Ok((reactor, task))
    }

    /// Keeps `session` on `counted` from now on; `early` was read of it before. Call from within the runtime.
    ///
    /// Where the system refuses, the session is told so and ends; once the reactor is closed, it is dropped.
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
            session.take_in(&mut early, None);
        }
        let mut state = lock(&self.state);
        state.admit(socket, Box::new(session));
        state.tell();
    }

    /// Something was queued for a connection: it leaves when the reactor is driven next.
    pub fn mark_dirty(&self, key: Key) {
        lock(&self.dirty).push(key);
    }

    /// Writes what was queued, and gives turns: to those that the poller tells of, that are due, that are left. Then
    /// `cx` is woken when there is more to do. Whoever drives the runtime calls this in each poll of its future.
    pub fn drive(&self, cx: &mut Context<'_>) {
        let mut dirty = std::mem::take(&mut *lock(&self.dirty));
        let mut state = self.enter();
        for key in &dirty {
            state.flush(*key);
        }
        state.turn(cx, &self.is_wanted);
        drop(state);
        if dirty.capacity() > 0 {
            // Give the emptied list back, for its memory.
            dirty.clear();
            let mut list = lock(&self.dirty);
            if list.is_empty() {
                *list = dirty;
            }
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

    /// Wakes whoever drives, as a loop does where something is marked dirty.
    #[cfg(test)]
    pub(in crate::socket) fn wake(&self) {
        lock(&self.state).wake();
    }

    /// Has the poller refuse this descriptor.
    #[cfg(test)]
    pub(super) fn occupy(&self, fd: std::os::fd::BorrowedFd<'_>) {
        lock(&self.state).occupy(fd);
    }

    /// A task that drives, for a test that has no loop.
    #[cfg(test)]
    pub(in crate::socket) async fn driven(self: Arc<Self>) {
        std::future::poll_fn(|cx| {
            self.drive(cx);
            std::task::Poll::<()>::Pending
        })
        .await;
    }
}

/// A reactor that is open until this is dropped.
struct Open(Arc<Reactor>);

impl Drop for Open {
    fn drop(&mut self) {
        let left = lock(&self.0.state).close();
        // Under no lock: sessions tell of their end.
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
