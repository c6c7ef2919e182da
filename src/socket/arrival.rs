//! When bytes arrived, which may be well before they were read.
//!
//! A reply that comes while the script computes is read late, but the kernel has stamped it (`SO_TIMESTAMPNS`). The stamp
//! is of the wall clock, which may be set at any moment. So it is used as an age only, and not at all where that clock
//! was set since: then bytes arrived when they were read.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::clock::{self, Instant};

/// A stream that may know when what it reads has arrived.
pub trait Arrivals: AsyncRead + AsyncWrite + Unpin {
    /// Is asked for that from now on.
    fn stamp_arrivals(&mut self) {}

    /// As [`AsyncRead::poll_read`]; with the instant at which the last byte arrived, where that is known.
    fn poll_read_arrived(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Option<Instant>>> {
        self.poll_read(cx, buf).map_ok(|()| None)
    }
}

/// Whether a session has asked something, so that it matters when replies arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// It has not.
    #[default]
    Nothing,
    /// Its first request was written, and its stream does not know yet.
    JustNow,
    /// It has, and its stream knows.
    Before,
}

impl Asked {
    /// A request was written.
    pub(super) fn add(&mut self) {
        if *self == Self::Nothing {
            *self = Self::JustNow;
        }
    }

    /// Whether its stream has to be told; true once.
    pub(super) fn is_news(&mut self) -> bool {
        let is_news = *self == Self::JustNow;
        if is_news {
            *self = Self::Before;
        }
        is_news
    }

    /// Whether it has.
    pub(super) fn anything(self) -> bool {
        self != Self::Nothing
    }
}

/// Has the kernel stamp what this socket receives. One that cannot is read without.
pub(super) fn stamp(socket: &impl AsFd) {
    STEADY.since(Clocks::now());
    // The other protocols know no arrival, and what they lack is a stamp.
    let _ = setsockopt(socket, ReceiveTimestampns, &true);
}

/// Room for one stamp, where the kernel's records may lie.
#[repr(align(8))]
struct Control([u8; 64]);

/// Reads what is there; with the instant at which the last byte arrived, where it has a stamp.
pub(super) fn receive(
    socket: BorrowedFd<'_>,
    space: &mut [u8],
) -> io::Result<(usize, Option<Instant>)> {
    let mut control = Control([0; 64]);
    let mut slices = [IoSliceMut::new(space)];
    let received = recvmsg::<()>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut control.0),
        MsgFlags::empty(),
    )?;
    let stamp = received.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
        _ => None,
    });
    Ok((received.bytes, stamp.and_then(arrived)))
}

/// The instant of a stamp, unless the clocks do not tell.
fn arrived(stamp: Duration) -> Option<Instant> {
    let now = Clocks::now();
    now.instant_of(stamp, STEADY.since(now))
}

/// Both clocks, read together.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    date: Duration,
    at: Instant,
}

/// Two readings of two clocks that nobody set differ by less.
const UNSET: Duration = Duration::from_micros(100);
/// What reading both clocks takes at most, unless the thread is interrupted meanwhile.
const AT_ONCE: Duration = Duration::from_micros(20);
/// As often it is tried.
const TRIES: usize = 3;

/// Since when it is known that nobody set the wall clock.
struct Steady(Mutex<Option<Clocks>>);

/// Whichever thread reads: what one knows, the next need not find out.
static STEADY: Steady = Steady(Mutex::new(None));

impl Steady {
    fn since(&self, now: Clocks) -> Instant {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *known {
            Some(known) if known.agrees_with(now) => known.at,
            _ => known.insert(now).at,
        }
    }
}

impl Clocks {
    // The wall clock first: who is interrupted between the two takes a stamp for too young, and a reply never for one
    // that came before its request.
    fn now() -> Self {
        let mut before = clock::now();
        for _ in 1..TRIES {
            let date = clock::since_1970();
            let at = clock::now();
            if at.saturating_duration_since(before) <= AT_ONCE {
                return Self { date, at };
            }
            before = at;
        }
        let date = clock::since_1970();
        let at = clock::now();
        Self { date, at }
    }

    /// Whether as much time passed by both clocks.
    fn agrees_with(self, later: Self) -> bool {
        let expected = self.date + later.at.saturating_duration_since(self.at);
        expected.abs_diff(later.date) <= UNSET
    }

    fn instant_of(self, stamp: Duration, steady_since: Instant) -> Option<Instant> {
        let at = self.at.checked_sub(self.date.saturating_sub(stamp))?;
        (at >= steady_since).then_some(at)
    }
}

#[cfg(test)]
impl Arrivals for tokio::io::DuplexStream {}

#[cfg(test)]
mod tests;
