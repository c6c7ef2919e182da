//! A plain socket that the reactor's poller watches, and what is known of its readiness.
//!
//! The poller tells each change once (it is edge-triggered), so what it told is kept here until the system says that
//! nothing is left: a read that finds nothing or fills less than it could, a write that finds no room.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::task::Poll;

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::io::{Errno, retry_on_intr};
use rustix::net::{RecvFlags, SendFlags, Shutdown};

use crate::socket::keeper::turn::ByteStream;
use crate::socket::local::Lease;
use crate::socket::stream::{Counted, Traffic};

/// The socket of one connection, counted.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
    traffic: Arc<Traffic>,
    /// The right to the address it comes from, until it is closed.
    _lease: Option<Lease>,
    /// What the poller is to tell, if anything.
    watched: Option<Interest>,
    /// There may be something to read.
    is_readable: bool,
    /// The end, or an error, is behind what can be read: a read that fills less than it could is not the last.
    has_ended: bool,
    /// The last write found no room, and none was told of since.
    is_blocked: bool,
}

impl Socket {
    /// Takes over a socket from tokio.
    pub(super) fn new(counted: Counted) -> io::Result<Self> {
        let (fd, traffic, lease) = counted.into_parts()?;
        Ok(Self {
            fd,
            traffic,
            _lease: lease,
            watched: None,
            is_readable: false,
            has_ended: false,
            is_blocked: false,
        })
    }

    /// The poller has news.
    pub(super) fn heard(&mut self, event: &Event) {
        let has_ended = event.is_read_closed() || event.is_error();
        self.has_ended |= has_ended;
        self.is_readable |= event.is_readable() || has_ended;
        // Whatever is wrong, the next write will say so.
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.is_blocked = false;
        }
    }

    /// Has the poller tell of what is waited for: of something to read, unless nobody wants it, and of room while
    /// there is none. Whatever is there already is told as well.
    #[inline]
    pub(super) fn watch(
        &mut self,
        registry: &Registry,
        token: Token,
        is_read: bool,
    ) -> io::Result<()> {
        let wanted = match (is_read, self.is_blocked) {
            (true, false) => Some(Interest::READABLE),
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        };
        if wanted == self.watched {
            return Ok(());
        }
        self.change(registry, token, wanted)
    }

    #[cold]
    fn change(
        &mut self,
        registry: &Registry,
        token: Token,
        wanted: Option<Interest>,
    ) -> io::Result<()> {
        let fd = &mut SourceFd(&self.fd.as_raw_fd());
        match (self.watched, wanted) {
            (None, Some(wanted)) => registry.register(fd, token, wanted)?,
            (Some(_), Some(wanted)) => registry.reregister(fd, token, wanted)?,
            (_, None) => registry.deregister(fd)?,
        }
        self.watched = wanted;
        Ok(())
    }

    /// Takes it out of the poll, where a duplicate in another process would keep it, and says goodbye. The drop that
    /// follows closes it either way.
    pub(super) fn part(&mut self, registry: &Registry) {
        if self.watched.take().is_some() {
            let _ = registry.deregister(&mut SourceFd(&self.fd.as_raw_fd()));
        }
        let _ = rustix::net::shutdown(&self.fd, Shutdown::Write);
    }
}

impl ByteStream for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        if !self.is_readable {
            return Poll::Pending;
        }
        match retry_on_intr(|| rustix::net::recv(&self.fd, &mut *buffer, RecvFlags::empty())) {
            Ok((count, _)) => {
                // A short read emptied the socket, and what comes now is told.
                if count < buffer.len() && !self.has_ended {
                    self.is_readable = false;
                }
                self.traffic.add_received(count);
                Poll::Ready(Ok(count))
            }
            Err(Errno::AGAIN) => {
                self.is_readable = false;
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_blocked {
            return Poll::Pending;
        }
        match retry_on_intr(|| rustix::net::send(&self.fd, bytes, SendFlags::NOSIGNAL)) {
            Ok(count) => {
                self.traffic.add_sent(count);
                Poll::Ready(Ok(count))
            }
            Err(Errno::AGAIN) => {
                self.is_blocked = true;
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }

    #[inline]
    fn is_drained(&self) -> bool {
        !self.is_readable
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
