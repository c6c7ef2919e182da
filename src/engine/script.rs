//! What the VU thread keeps between two polls: its timers, and events that are not handed out yet.
//!
//! The timers are ours: one heap, and one timerfd that wakes whoever drives the runtime. Locks are held for
//! a few instructions, never while a script runs or Python objects are made.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
use tokio::io::unix::AsyncFd;

use super::inbox::{Shared, lock};
use super::mailbox::{Batch, Event, EventKind, Payload};
use super::measure::milliseconds;
use super::timers::{TimerId, Timers};
use crate::clock::{self, Instant};

/// Events handed out at once, so that corked data leaves and sockets are read in between.
pub const MAX_BATCH: usize = 256;
/// Intervals shorter than this are made this long.
const SHORTEST_PERIOD: Duration = Duration::from_micros(1);

/// The script's side of a [`Runtime`](super::Runtime).
#[derive(Debug)]
pub(super) struct Script {
    state: Mutex<State>,
    timerfd: AsyncFd<OwnedFd>,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    pending: VecDeque<Event>,
    timers: Timers,
    armed: Option<Instant>,
}

impl Script {
    /// Nothing pending; `timerfd` is disarmed.
    pub(super) fn new(timerfd: AsyncFd<OwnedFd>) -> Self {
        Self {
            state: Mutex::default(),
            timerfd,
        }
    }

    /// Arms a timer that becomes [`EventKind::Timer`] once, or every `period`.
    pub(super) fn add_timer(&self, delay: Duration, period: Option<Duration>) -> TimerId {
        // A period that rounds to nothing would be no interval at all.
        let period = period.map(|period| period.max(SHORTEST_PERIOD));
        lock(&self.state).timers.add(clock::now() + delay, period)
    }

    /// Disarms a timer. False when it had fired for the last time.
    pub(super) fn cancel_timer(&self, id: TimerId) -> bool {
        lock(&self.state).timers.cancel(id)
    }

    /// Events that wait for [`Script::hand_out`].
    pub(super) fn pending(&self) -> usize {
        lock(&self.state).pending.len()
    }

    /// Makes events of the timers that are due. True when there is news, here or in the mailbox; if there
    /// is none, `cx` is woken when something is posted.
    pub(super) fn has_news(&self, cx: &mut Context<'_>, shared: &Shared, now: Instant) -> bool {
        let mut state = lock(&self.state);
        state.expire(now);
        !state.pending.is_empty() || shared.has_mail(cx)
    }

    /// The same without making events: what is due stays with the timers.
    pub(super) fn would_have_news(
        &self,
        cx: &mut Context<'_>,
        shared: &Shared,
        now: Instant,
    ) -> bool {
        let mut state = lock(&self.state);
        let is_due = state.timers.next_due().is_some_and(|due| due <= now);
        is_due || !state.pending.is_empty() || shared.has_mail(cx)
    }

    /// Makes events of what is due and takes what the driver left, once the last batch is used up.
    pub(super) fn collect(&self, shared: &Shared, now: Instant) {
        let mut state = lock(&self.state);
        state.expire(now);
        let uses_batch = |event: &Event| !matches!(event.kind, EventKind::Timer);
        if state.pending.iter().any(uses_batch) {
            return;
        }
        let State { batch, pending, .. } = &mut *state;
        lock(&shared.inbox).mailbox.swap(batch);
        pending.extend(batch.events.drain(..));
    }

    /// Sets the timerfd to the next deadline and asks to be polled when it fires.
    pub(super) fn arm(&self, cx: &mut Context<'_>, give_up: Option<Instant>, now: Instant) {
        let mut state = lock(&self.state);
        let next = match (state.timers.next_due(), give_up) {
            (Some(timer), Some(give_up)) => Some(timer.min(give_up)),
            (timer, give_up) => timer.or(give_up),
        };
        if next != state.armed && self.set(next, now) {
            state.armed = next;
        }
        // Setting it anew clears its readiness in the kernel; here it is cleared when it wakes us.
        while let Poll::Ready(Ok(mut ready)) = self.timerfd.poll_read_ready(cx) {
            state.armed = None;
            ready.clear_ready();
        }
    }

    fn set(&self, next: Option<Instant>, now: Instant) -> bool {
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
        timerfd_settime(&self.timerfd, TimerfdTimerFlags::empty(), &time).is_ok()
    }

    /// Moves up to [`MAX_BATCH`] events out, with what their payloads refer to, through `each`.
    ///
    /// Runs without any lock of the runtime: `each` may create Python objects.
    pub(super) fn hand_out<E>(
        &self,
        shared: &Shared,
        mut each: impl FnMut(&Event, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (batch, mut pending) = {
            let mut state = lock(&self.state);
            (
                std::mem::take(&mut state.batch),
                std::mem::take(&mut state.pending),
            )
        };
        let mut result = Ok(());
        let mut delivered = Vec::new();
        let oldest = pending.front().map(|event| event.at);
        for event in pending.drain(..pending.len().min(MAX_BATCH)) {
            let bytes = batch.bytes(&event.payload);
            if event.kind.counts_as_undelivered() {
                // A flood of one connection is one entry.
                match delivered.last_mut() {
                    Some((target, messages, total)) if *target == event.target => {
                        *messages += 1;
                        *total += bytes.len();
                    }
                    _ => delivered.push((event.target, 1, bytes.len())),
                }
            }
            result = each(&event, bytes);
            if result.is_err() {
                break;
            }
        }
        if let Some(oldest) = oldest {
            let mut inbox = lock(&shared.inbox);
            if let Some(lag) = inbox.lag {
                let now = clock::now();
                let waited = now.saturating_duration_since(oldest);
                inbox.recorder.add_at(lag, milliseconds(waited), now);
            }
            for (target, messages, bytes) in delivered {
                if let Some(paused) = inbox.mailbox.delivered(target, messages, bytes) {
                    lock(&shared.dirty).push(paused);
                }
            }
        }
        let mut state = lock(&self.state);
        state.batch = batch;
        state.pending = pending;
        result
    }
}

impl State {
    fn expire(&mut self, now: Instant) {
        let pending = &mut self.pending;
        self.timers.expire(now, |id, due, is_last| {
            let payload = Payload::Timer(id, is_last);
            pending.push_back(Event {
                target: 0,
                kind: EventKind::Timer,
                payload,
                at: due,
            });
        });
    }
}
