//! One connection in the reactor: its socket, its session, and what it waits for.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mio::{Registry, Token};

use super::socket::Socket;
use crate::clock::Instant;
use crate::socket::keeper::session::ByteSession;
use crate::socket::keeper::turn::{self, Left};
use crate::socket::queue::{Keeper, Key};

/// A session on a plain socket. Its turns are whole ones, so that what lies within is compiled for each kind of
/// session.
pub(super) trait Resident: Send {
    fn attach(&self, key: Key);
    fn turn(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> Outcome;
    fn flush(&mut self, socket: &mut Socket) -> Outcome;
    fn read_failed(&mut self, error: &io::Error);
    fn finish(&mut self);
}

/// How a turn has ended.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    pub(super) left: Left,
    pub(super) wants: Wants,
}

/// What a session waits for, beside its socket.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    /// Nobody wants what can be read.
    is_paused: bool,
    /// When it is to be looked at.
    pub(super) deadline: Option<Instant>,
}

impl<B: ByteSession> Resident for B {
    fn attach(&self, key: Key) {
        ByteSession::attach(self, Keeper::Reactor(key));
    }

    fn turn(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> Outcome {
        let left = turn::turn(socket, self, buffer);
        outcome(self, left)
    }

    fn flush(&mut self, socket: &mut Socket) -> Outcome {
        let left = turn::flush(socket, self);
        outcome(self, left)
    }

    fn read_failed(&mut self, error: &io::Error) {
        ByteSession::read_failed(self, error);
    }

    fn finish(&mut self) {
        ByteSession::finish(self);
    }
}

#[inline]
fn outcome(session: &impl ByteSession, left: Left) -> Outcome {
    let wants = Wants {
        is_paused: session.is_paused(),
        deadline: session.deadline(),
    };
    Outcome { left, wants }
}

/// What lies in the slab.
pub(super) struct Connection {
    pub(super) socket: Socket,
    pub(super) session: Box<dyn Resident>,
    /// The session has panicked: nothing of it can be trusted, and its drop says that it was given up.
    pub(super) is_broken: bool,
    /// It is in the queue of those that may have something to do.
    pub(super) is_queued: bool,
    /// When it surfaces from the deadlines.
    pub(super) armed: Option<Instant>,
}

impl Connection {
    /// A turn of the session. A fault of one is not the end of the others.
    #[inline]
    pub(super) fn turn(&mut self, buffer: &mut [u8]) -> Outcome {
        let (socket, session) = (&mut self.socket, &mut self.session);
        let turned = catch_unwind(AssertUnwindSafe(|| session.turn(socket, buffer)));
        self.outcome(turned.ok())
    }

    /// Has the session write what was queued.
    #[inline]
    pub(super) fn flush(&mut self) -> Outcome {
        let (socket, session) = (&mut self.socket, &mut self.session);
        let flushed = catch_unwind(AssertUnwindSafe(|| session.flush(socket)));
        self.outcome(flushed.ok())
    }

    fn outcome(&mut self, outcome: Option<Outcome>) -> Outcome {
        self.is_broken |= outcome.is_none();
        outcome.unwrap_or(Outcome {
            left: Left::Over,
            wants: Wants {
                is_paused: true,
                deadline: None,
            },
        })
    }

    /// Has the poller tell of what is waited for. Where it cannot, the session is told so, and is due at once.
    #[inline]
    pub(super) fn rest(
        &mut self,
        wants: Wants,
        registry: &Registry,
        token: Token,
    ) -> Result<(), ()> {
        let watched = self.socket.watch(registry, token, !wants.is_paused);
        watched.map_err(|error| self.session.read_failed(&error))
    }

    /// Takes it out of the poll and ends its session. The last call.
    pub(super) fn end(&mut self, registry: &Registry) {
        self.socket.part(registry);
        if !self.is_broken {
            let session = &mut self.session;
            // If not by this, the end is told by the drop.
            let _ = catch_unwind(AssertUnwindSafe(|| session.finish()));
        }
    }

    /// Enters the queue, unless it is there.
    #[inline]
    pub(super) fn enter(&mut self, key: Key, queue: &mut VecDeque<Key>) {
        if !self.is_queued {
            self.is_queued = true;
            queue.push_back(key);
        }
    }
}
