//! What wakes whoever drives when the next timer is due: one timer of the kernel, for all timers of a loop.
//!
//! tokio's own are true to a millisecond; this one to what the kernel gives. A test with a paused clock has one of
//! tokio's in its place, which that clock moves.

use std::os::fd::OwnedFd;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
use tokio::io::unix::AsyncFd;

use crate::clock::Instant;

/// A timer that is set anew and anew.
#[derive(Debug)]
pub(super) enum Alarm {
    /// A timerfd of the monotonic clock.
    Kernel(AsyncFd<OwnedFd>),
    /// One of tokio's, while it is set.
    #[cfg(test)]
    Paused(Option<std::pin::Pin<Box<tokio::time::Sleep>>>),
}

impl Alarm {
    /// Has it go off at an instant, or never. False where the system refuses.
    pub(super) fn set(&mut self, next: Option<Instant>, now: Instant) -> bool {
        match self {
            Self::Kernel(timerfd) => set(timerfd, next, now),
            #[cfg(test)]
            Self::Paused(sleep) => {
                *sleep = next.map(|next| Box::pin(tokio::time::sleep_until(next)));
                true
            }
        }
    }

    /// Whether it has gone off since it was last asked; if not, `cx` is woken when it does.
    pub(super) fn has_rung(&mut self, cx: &mut Context<'_>) -> bool {
        match self {
            // Setting it anew clears its readiness in the kernel; here it is cleared when it wakes us.
            Self::Kernel(timerfd) => match timerfd.poll_read_ready(cx) {
                Poll::Ready(Ok(mut ready)) => {
                    ready.clear_ready();
                    true
                }
                _ => false,
            },
            #[cfg(test)]
            Self::Paused(sleep) => {
                let has_rung = |sleep: &mut std::pin::Pin<Box<tokio::time::Sleep>>| {
                    sleep.as_mut().poll(cx).is_ready()
                };
                sleep.take_if(has_rung).is_some()
            }
        }
    }
}

/// Has the timer go off at an instant, or never. False where the system refuses.
fn set(timerfd: &AsyncFd<OwnedFd>, next: Option<Instant>, now: Instant) -> bool {
    // Zero disarms, so a deadline that is just due becomes one nanosecond.
    let wait = next.map_or(Duration::ZERO, |next| {
        next.saturating_duration_since(now)
            .max(Duration::from_nanos(1))
    });
    let value = Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    };
    let interval = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let time = Itimerspec {
        it_interval: interval,
        it_value: value,
    };
    timerfd_settime(timerfd, TimerfdTimerFlags::empty(), &time).is_ok()
}
