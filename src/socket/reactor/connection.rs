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
    fn turn(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> Left;
    fn flush(&mut self, socket: &mut Socket) -> Left;
    fn read_failed(&mut self, error: &io::Error);
    fn wants(&self) -> Wants;
    fn finish(&mut self);
}

/// What a session waits for, beside its socket.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    /// Nobody wants what can be read.
    is_paused: bool,
    /// When it is to be looked at.
    deadline: Option<Instant>,
}

impl<B: ByteSession> Resident for B {
    fn attach(&self, key: Key) {
        ByteSession::attach(self, Keeper::Reactor(key));
    }

    fn turn(&mut self, socket: &mut Socket, buffer: &mut [u8]) -> Left {
        turn::turn(socket, self, buffer)
    }

    fn flush(&mut self, socket: &mut Socket) -> Left {
        turn::flush(socket, self)
    }

    fn read_failed(&mut self, error: &io::Error) {
        ByteSession::read_failed(self, error);
    }

    fn wants(&self) -> Wants {
        Wants {
            is_paused: self.is_paused(),
            deadline: self.deadline(),
        }
    }

    fn finish(&mut self) {
        ByteSession::finish(self);
    }
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
    pub(super) fn turn(&mut self, buffer: &mut [u8]) -> Left {
        let (socket, session) = (&mut self.socket, &mut self.session);
        let turned = catch_unwind(AssertUnwindSafe(|| session.turn(socket, buffer)));
        self.outcome(turned.ok())
    }

    /// Has the session write what was queued.
    #[inline]
    pub(super) fn flush(&mut self) -> Left {
        let (socket, session) = (&mut self.socket, &mut self.session);
        let flushed = catch_unwind(AssertUnwindSafe(|| session.flush(socket)));
        self.outcome(flushed.ok())
    }

    fn outcome(&mut self, left: Option<Left>) -> Left {
        self.is_broken |= left.is_none();
        left.unwrap_or(Left::Over)
    }

    /// Has the poller tell of what is waited for, and gives the deadline. Where the poller cannot, the session is told
    /// so, and is due at once.
    #[inline]
    pub(super) fn rest(
        &mut self,
        registry: &Registry,
        token: Token,
    ) -> Result<Option<Instant>, ()> {
        let Wants {
            is_paused,
            deadline,
        } = self.session.wants();
        match self.socket.watch(registry, token, !is_paused) {
            Ok(()) => Ok(deadline),
            Err(error) => {
                self.session.read_failed(&error);
                Err(())
            }
        }
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
