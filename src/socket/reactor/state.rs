//! The connections of a loop, and what each of them is due.
//!
//! A connection is *queued* when it may have something to do at once: the poller told of it, its deadline is there, its
//! share of reads was used up, or what the script queued needs more than a write. Each has one place in the queue, so
//! those with much to do take turns with those that have little.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};

use mio::Token;

use super::connection::{Connection, Outcome, Resident};
use super::deadlines::Deadlines;
use super::poller::Poller;
use super::slab::Slab;
use super::socket::Socket;
use crate::clock::{self, Instant};
use crate::socket::keeper::turn::{Left, READ_SIZE};
use crate::socket::queue::Key;

/// Connections that have a turn before whoever waits for their news is looked at.
pub(super) const CONNECTIONS_PER_TURN: usize = 256;

/// What the lock of the reactor is around.
pub(super) struct State {
    connections: Slab<Connection>,
    /// Until the reactor is closed.
    poller: Option<Poller>,
    /// Who may have something to do at once, in order.
    queue: VecDeque<Key>,
    deadlines: Deadlines,
    /// What every read goes into.
    buffer: Box<[u8]>,
    /// Whoever drives; it looks at the queue and at the next deadline when it is woken.
    driver: Option<Waker>,
    /// The deadline that it waits for.
    awaited: Option<Instant>,
}

impl State {
    /// With no connection.
    pub(super) fn new(poller: Poller) -> Self {
        Self {
            connections: Slab::new(),
            poller: Some(poller),
            queue: VecDeque::new(),
            deadlines: Deadlines::default(),
            buffer: vec![0; READ_SIZE].into_boxed_slice(),
            driver: None,
            awaited: None,
        }
    }

    /// Gives a connection its place and its first turn; what was queued before leaves in it. Dropped where the
    /// reactor is closed.
    pub(super) fn admit(&mut self, socket: Socket, session: Box<dyn Resident>) {
        if self.poller.is_none() {
            return;
        }
        let connection = Connection {
            socket,
            session,
            is_broken: false,
            is_queued: false,
            armed: None,
        };
        if let Some(key) = self.connections.insert(connection) {
            self.visit(key, |connection, buffer| {
                // Before the turn: what is queued behind what is written in it finds whom to tell.
                connection.session.attach(key);
                connection.turn(buffer)
            });
        }
    }

    /// Gives turns to those that the poller tells of, that are due and that are left, up to a number of them, or until
    /// somebody else wants to get in here. Then `cx` is woken when there is more to do.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>, is_wanted: &AtomicBool) {
        match &mut self.driver {
            Some(known) => known.clone_from(cx.waker()),
            None => self.driver = Some(cx.waker().clone()),
        }
        self.hear(cx);
        self.expire();
        self.give_turns(is_wanted);
        self.awaited = self.deadlines.next();
        let poller = self.poller.as_mut();
        let is_told = poller.is_some_and(|poller| poller.rest(cx, self.awaited));
        if is_told || !self.queue.is_empty() {
            cx.waker().wake_by_ref();
        }
    }

    /// Queues those that the poller tells of; what is not there any more is none of them.
    fn hear(&mut self, cx: &mut Context<'_>) {
        let Self {
            connections,
            poller: Some(poller),
            queue,
            ..
        } = self
        else {
            return;
        };
        for event in poller.ask(cx) {
            let key = key_of(event.token());
            if let Some(connection) = connections.get_mut(key) {
                connection.socket.heard(event);
                connection.enter(key, queue);
            }
        }
    }

    /// Queues those whose deadline is there.
    fn expire(&mut self) {
        if self.deadlines.next().is_none() {
            return;
        }
        let now = clock::now();
        while let Some((at, key)) = self.deadlines.expire(now) {
            if let Some(connection) = self.connections.get_mut(key)
                && connection.armed == Some(at)
            {
                connection.armed = None;
                connection.enter(key, &mut self.queue);
            }
        }
    }

    /// Gives turns to those that are queued now.
    fn give_turns(&mut self, is_wanted: &AtomicBool) {
        for _ in 0..self.queue.len().min(CONNECTIONS_PER_TURN) {
            if let Some(key) = self.queue.pop_front() {
                self.give_turn(key);
            }
            if is_wanted.load(Ordering::Relaxed) {
                break;
            }
        }
    }

    fn give_turn(&mut self, key: Key) {
        self.visit(key, |connection, buffer| {
            connection.is_queued = false;
            connection.turn(buffer)
        });
    }

    /// Writes what was queued for a connection.
    pub(super) fn flush(&mut self, key: Key) {
        self.visit(key, |connection, _| connection.flush());
    }

    /// Does something to a connection that is there, and sees to what it waits for then, or lets go of it.
    #[inline]
    fn visit(&mut self, key: Key, act: impl FnOnce(&mut Connection, &mut [u8]) -> Outcome) {
        let Self {
            connections,
            poller,
            queue,
            deadlines,
            buffer,
            ..
        } = self;
        let (Some(connection), Some(poller)) = (connections.get_mut(key), poller) else {
            return;
        };
        let registry = poller.registry();
        let Outcome { left, wants } = act(connection, buffer);
        if left == Left::Over {
            connection.end(registry);
            connections.remove(key);
            return;
        }
        match connection.rest(wants, registry, token_of(key)) {
            Ok(()) => deadlines.arm(key, wants.deadline, &mut connection.armed),
            // Its next turn is its last.
            Err(()) => connection.enter(key, queue),
        }
        if left == Left::More {
            connection.enter(key, queue);
        }
    }

    /// Wakes whoever drives, if there is what it does not know. For all who do not drive.
    pub(super) fn tell(&self) {
        let is_earlier = match (self.deadlines.next(), self.awaited) {
            (Some(next), Some(awaited)) => next < awaited,
            (next, _) => next.is_some(),
        };
        if is_earlier || !self.queue.is_empty() {
            self.wake();
        }
    }

    /// Wakes whoever drives.
    pub(super) fn wake(&self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }

    /// Has the poller refuse this descriptor.
    #[cfg(test)]
    pub(super) fn occupy(&self, fd: std::os::fd::BorrowedFd<'_>) {
        let registry = self.poller.as_ref().map(Poller::registry).unwrap();
        let fd = &std::os::fd::AsRawFd::as_raw_fd(&fd);
        let nobody = Token(usize::MAX);
        let interest = mio::Interest::READABLE;
        registry
            .register(&mut mio::unix::SourceFd(fd), nobody, interest)
            .unwrap();
    }

    /// Takes out all that is left, to be dropped under no lock; nothing is taken any more.
    pub(super) fn close(&mut self) -> Vec<Connection> {
        let mut left = self.connections.drain();
        if let Some(poller) = self.poller.take() {
            for connection in &mut left {
                connection.socket.part(poller.registry());
            }
        }
        self.queue.clear();
        self.deadlines.clear();
        self.driver = None;
        left
    }
}

// A token has room for a whole key.
const _: () = assert!(usize::BITS >= 64);

fn token_of(key: Key) -> Token {
    Token((key.generation as usize) << 32 | key.index as usize)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "each half is taken for itself"
)]
fn key_of(token: Token) -> Key {
    Key {
        index: token.0 as u32,
        generation: (token.0 >> 32) as u32,
    }
}
