//! A byte stream to a peer, plain or TLS, that counts what passes the wire.
//!
//! Bytes are counted below TLS, so records and handshakes are in: that is what `data_sent` and
//! `data_received` mean.

use std::io::{self, ErrorKind::WouldBlock};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::arrival::{self, Arrivals};
use super::local::Lease;
use crate::clock::Instant;

/// Bytes that passed the wire for one owner, in both directions.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    /// So many bytes left.
    pub(super) fn add_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// So many bytes came.
    pub(super) fn add_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// What was counted since the last call, as (sent, received).
    pub fn take(&self) -> (u64, u64) {
        (
            self.sent.swap(0, Ordering::Relaxed),
            self.received.swap(0, Ordering::Relaxed),
        )
    }
}

/// A socket of the operating system.
#[derive(Debug)]
pub enum Wire {
    /// To another machine, or to this one.
    Tcp(TcpStream),
    /// To this machine, by a path.
    Unix(UnixStream),
    /// To nobody: a test plays the peer, and says which ends these are. Boxed: a stream is as large as without it.
    #[cfg(test)]
    Scripted(UnixStream, Box<[SocketAddr; 2]>),
}

impl From<TcpStream> for Wire {
    fn from(tcp: TcpStream) -> Self {
        Self::Tcp(tcp)
    }
}

impl From<UnixStream> for Wire {
    fn from(unix: UnixStream) -> Self {
        Self::Unix(unix)
    }
}

/// Both ends as error texts name them.
pub(super) fn ends_of(ours: SocketAddr, theirs: SocketAddr) -> String {
    format!("{ours}->{theirs}")
}

/// A socket that counts into a [`Traffic`].
#[derive(Debug)]
pub struct Counted {
    inner: Wire,
    traffic: Arc<Traffic>,
    /// The right to the address it comes from, until it is closed.
    lease: Option<Lease>,
}

impl Counted {
    /// Counts what passes `inner` from now on.
    pub fn new(inner: impl Into<Wire>, traffic: Arc<Traffic>) -> Self {
        Self {
            inner: inner.into(),
            traffic,
            lease: None,
        }
    }

    /// The same, which holds the right to its address as long as it is open.
    pub fn leased(self, lease: Option<Lease>) -> Self {
        Self { lease, ..self }
    }

    /// Both ends, ours first, where they are addresses of IP.
    pub fn addresses(&self) -> Option<(SocketAddr, SocketAddr)> {
        match &self.inner {
            Wire::Tcp(tcp) => Some((tcp.local_addr().ok()?, tcp.peer_addr().ok()?)),
            Wire::Unix(_) => None,
            #[cfg(test)]
            Wire::Scripted(_, ends) => Some((ends[0], ends[1])),
        }
    }

    /// Both ends as error texts name them: `127.0.0.1:5000->127.0.0.1:80`, `@->/run/a.sock`.
    pub fn ends(&self) -> String {
        if let Wire::Unix(unix) = &self.inner {
            let peer = unix.peer_addr().ok();
            let peer = peer.as_ref();
            if let Some(path) = peer.and_then(|peer| peer.as_pathname()) {
                return format!("@->{}", path.display());
            }
            let name = peer.and_then(|peer| peer.as_abstract_name());
            return format!("@->@{}", String::from_utf8_lossy(name.unwrap_or_default()));
        }
        self.addresses()
            .map_or_else(|| "?".into(), |(ours, theirs)| ends_of(ours, theirs))
    }

    /// The socket itself.
    pub fn wire(&self) -> &Wire {
        &self.inner
    }

    /// The socket, which tokio watches no more, with what goes with it: its account and the right to its address.
    pub(super) fn into_parts(self) -> io::Result<(OwnedFd, Arc<Traffic>, Option<Lease>)> {
        let fd = match self.inner {
            Wire::Tcp(tcp) => tcp.into_std()?.into(),
            Wire::Unix(unix) => unix.into_std()?.into(),
            #[cfg(test)]
            Wire::Scripted(unix, _) => unix.into_std()?.into(),
        };
        Ok((fd, self.traffic, self.lease))
    }
}

macro_rules! on {
    ($wire:expr, $inner:ident => $call:expr) => {
        match $wire {
            Wire::Tcp($inner) => $call,
            Wire::Unix($inner) => $call,
            #[cfg(test)]
            Wire::Scripted($inner, _) => $call,
        }
    };
}

// System calls are made directly: libc makes every `send` and `recv` of a process with threads a
// cancellation point, which costs more than all our own work on a small message.
impl AsyncRead for Counted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf, |fd, space| {
            let (count, _) = rustix::net::recv(fd, space, RecvFlags::empty())?;
            Ok((count, ()))
        })
    }
}

impl Arrivals for Counted {
    fn stamp_arrivals(&mut self) {
        if let Wire::Tcp(tcp) = &self.inner {
            arrival::stamp(tcp);
        }
    }

    fn poll_read_arrived(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Option<Instant>>> {
        self.poll_receive(cx, buf, arrival::receive)
    }
}

impl Counted {
    /// Reads what is there, with what `receive` says about it.
    #[inline]
    fn poll_receive<T>(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        receive: impl Fn(BorrowedFd<'_>, &mut [u8]) -> io::Result<(usize, T)>,
    ) -> Poll<io::Result<T>> {
        loop {
            ready!(on!(&self.inner, wire => wire.poll_read_ready(cx)))?;
            let space = buf.initialize_unfilled();
            let mut read = None;
            let tried = on!(&self.inner, wire => wire.try_io(Interest::READABLE, || {
                let (count, said) = receive(wire.as_fd(), &mut *space)?;
                read = Some((count, said));
                // A short read emptied the socket: forget its readiness, or the next poll would ask in vain.
                if count > 0 && count < space.len() {
                    Err(WouldBlock.into())
                } else {
                    Ok(())
                }
            }));
            match (read, tried) {
                (Some((count, said)), _) => {
                    buf.advance(count);
                    self.traffic.add_received(count);
                    return Poll::Ready(Ok(said));
                }
                (None, Err(error)) if error.kind() != WouldBlock => {
                    return Poll::Ready(Err(error));
                }
                (None, _) => {}
            }
        }
    }

    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        send: impl Fn(BorrowedFd<'_>) -> rustix::io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(on!(&self.inner, wire => wire.poll_write_ready(cx)))?;
            let tried = on!(&self.inner, wire => {
                wire.try_io(Interest::WRITABLE, || Ok(send(wire.as_fd())?))
            });
            match tried {
                Ok(written) => {
                    self.traffic.add_sent(written);
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, |fd| rustix::net::send(fd, bytes, SendFlags::NOSIGNAL))
    }

    // TLS writes a whole flight of a handshake at once. A peer that refuses its first record resets what
    // comes later, and its reason would be lost behind the error of a second write.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(cx, |fd| {
            let slices = &slices[..slices.len().min(MAX_SLICES)];
            let mut nothing = SendAncillaryBuffer::default();
            rustix::net::sendmsg(fd, slices, &mut nothing, SendFlags::NOSIGNAL)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(&mut self.inner, wire => Pin::new(wire).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(&mut self.inner, wire => Pin::new(wire).poll_shutdown(cx))
    }
}

/// As many pieces as Linux takes in one call.
const MAX_SLICES: usize = 1024;

/// The stream under a session.
#[derive(Debug)]
pub enum Stream {
    /// The socket as it is.
    Plain(Counted),
    /// TLS over it; boxed because its state is large and most connections have none.
    Tls(Box<tokio_rustls::client::TlsStream<Counted>>),
    /// TLS of an accepted connection.
    TlsServer(Box<tokio_rustls::server::TlsStream<Counted>>),
}

impl Stream {
    /// The counted socket under it.
    pub fn counted(&self) -> &Counted {
        match self {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
            Stream::TlsServer(stream) => stream.get_ref().0,
        }
    }
}

macro_rules! each {
    ($self:ident, $inner:ident => $call:expr) => {
        match &mut *$self {
            Stream::Plain($inner) => $call,
            Stream::Tls($inner) => $call,
            Stream::TlsServer($inner) => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(cx, buf))
    }
}

impl Arrivals for Stream {
    // What TLS has read of its socket is of many ages.
    fn stamp_arrivals(&mut self) {
        if let Stream::Plain(counted) = self {
            counted.stamp_arrivals();
        }
    }

    fn poll_read_arrived(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Option<Instant>>> {
        match &mut *self {
            Stream::Plain(counted) => Pin::new(counted).poll_read_arrived(cx, buf),
            _ => self.poll_read(cx, buf).map_ok(|()| None),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests;
