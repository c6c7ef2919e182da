//! What the VU thread keeps between two polls: its timers, and events that are not handed out yet.
//!
//! The timers are ours: one heap, and one [alarm](super::alarm) that wakes whoever drives the runtime. Locks are held for
//! a few instructions, never while a script runs or Python objects are made.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::task::Context;
use std::time::Duration;

use super::alarm::Alarm;
use super::lag::{HandedOut, HoldNotifier, LagMeter};
use super::mailbox::{Batch, Event, EventKind, Payload, ReceiverId};
use super::shared::{Arrivals, Shared, lock};
use super::timers::{TimerId, Timers};
use crate::clock::{self, Instant};

pub use super::mailbox::MAX_BATCH;
/// Intervals shorter than this are made this long.
const SHORTEST_PERIOD: Duration = Duration::from_micros(1);

/// The script's side of a [`Runtime`](crate::engine::Runtime).
#[derive(Debug)]
pub(super) struct Handover {
    state: Mutex<State>,
    pub(super) holds: HoldNotifier,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    pending: VecDeque<Event>,
    /// The events of `pending` up to here are those of `batch` and timers; behind it are timers alone.
    batch_end: usize,
    /// How many of them are being handed out, and count as delivered.
    accounted: usize,
    handed: HandedOut,
    /// A run measures how long events wait.
    is_measured: bool,
    timers: Timers,
    armed: Option<Instant>,
    /// Until the loop is closed.
    alarm: Option<Alarm>,
}

impl Handover {
    /// Nothing pending; `alarm` is disarmed.
    pub(super) fn new(alarm: Alarm) -> Self {
        let state = State {
            alarm: Some(alarm),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            holds: HoldNotifier::default(),
        }
    }

    /// Gives back what the system lent.
    pub(super) fn close(&self) {
        lock(&self.state).alarm = None;
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

    /// Events that wait for [`Handover::begin`].
    pub(super) fn pending(&self) -> usize {
        lock(&self.state).pending.len()
    }

    /// Makes events of the timers that are due. True when there is news, here or in the mailbox; if there
    /// is none, `cx` is woken when something is posted. `is_first`: the VU thread has just come back.
    pub(super) fn has_news(
        &self,
        cx: &mut Context<'_>,
        shared: &Shared,
        now: Instant,
        is_first: bool,
    ) -> bool {
        let mut state = lock(&self.state);
        if is_first {
            state.handed.came_back(now);
        }
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
        if state.batch_end > 0 {
            return;
        }
        let State { batch, pending, .. } = &mut *state;
        batch.clear();
        if pending.is_empty() {
            // A burst must not keep its memory for ever.
            pending.shrink_to(4 * MAX_BATCH);
        }
        lock(&shared.arrivals).mailbox.take(batch, pending);
        state.batch_end = state.pending.len();
    }

    /// The guardian looks after the sockets: the script holds the loop.
    pub(super) fn guarded(&self) {
        if lock(&self.state).handed.guarded(clock::now) {
            self.holds.notify();
        }
    }

    /// The number of the hold that is under way, or 0.
    pub(super) fn hold(&self) -> u64 {
        lock(&self.state).handed.hold()
    }

    /// How long the longest hold was, and its number.
    pub(super) fn longest_hold(&self) -> (Duration, u64) {
        lock(&self.state).handed.longest()
    }

    /// Measures from now on, or no longer, how long events wait for the script.
    pub(super) fn measure(&self, shared: &Shared, lag: Option<LagMeter>) {
        let mut state = lock(&self.state);
        state.is_measured = lag.is_some();
        let last = state.handed.restart(lag.is_some());
        let mut arrivals = lock(&shared.arrivals);
        let before = std::mem::replace(&mut arrivals.lag, lag);
        if let Some(meter) = before {
            last.record(&meter, &mut arrivals.recorder);
        }
    }

    /// Sets the alarm to the next deadline and asks to be polled when it fires.
    pub(super) fn arm(&self, cx: &mut Context<'_>, give_up: Option<Instant>, now: Instant) {
        let mut state = lock(&self.state);
        let next = match (state.timers.next_due(), give_up) {
            (Some(timer), Some(give_up)) => Some(timer.min(give_up)),
            (timer, give_up) => timer.or(give_up),
        };
        let State { alarm, armed, .. } = &mut *state;
        let Some(alarm) = alarm else { return };
        if next != *armed && alarm.set(next, now) {
            *armed = next;
        }
        while alarm.has_rung(cx) {
            *armed = None;
        }
    }

    /// Takes out up to [`MAX_BATCH`] events to be handed out one by one; give the rest back to
    /// [`Handover::end`] before the next poll.
    ///
    /// They count as delivered from here on.
    pub(super) fn begin(&self, shared: &Shared) -> HandOut {
        let mut state = lock(&self.state);
        if state.accounted == 0 {
            state.account(shared);
        }
        HandOut {
            batch: std::mem::take(&mut state.batch),
            events: std::mem::take(&mut state.pending),
            left: std::mem::take(&mut state.accounted),
            of_batch: std::mem::take(&mut state.batch_end),
        }
    }

    /// Takes back what is left, which is handed out next.
    pub(super) fn end(&self, mut out: HandOut) {
        let mut state = lock(&self.state);
        if state.batch_end > 0 {
            // Another batch was begun meanwhile: a finaliser that ran while an object was made has waited.
            out.own();
            state.batch_end += out.events.len();
        } else {
            std::mem::swap(&mut state.batch, &mut out.batch);
            state.batch_end = out.of_batch;
        }
        state.accounted += out.left;
        // Timers that became due meanwhile lie behind.
        out.events.append(&mut state.pending);
        state.pending = out.events;
    }

    /// Moves a batch out, with what its payloads refer to, through `each`; what is behind an error stays.
    pub(super) fn hand_out<E>(
        &self,
        shared: &Shared,
        mut each: impl FnMut(&Event, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut out = self.begin(shared);
        let mut result = Ok(());
        while let Some(event) = out.next() {
            result = each(&event, out.bytes(&event));
            if result.is_err() {
                break;
            }
        }
        self.end(out);
        result
    }
}

/// A batch that is being handed out, event by event, without any lock of the runtime.
#[derive(Debug, Default)]
pub struct HandOut {
    batch: Batch,
    /// Those of this batch, and what stands behind it.
    events: VecDeque<Event>,
    /// How many of them are still to be handed out now.
    left: usize,
    /// How many of them may refer to `batch`.
    of_batch: usize,
}

impl HandOut {
    /// The next event of the batch.
    #[expect(clippy::should_implement_trait, reason = "its events borrow from it")]
    pub fn next(&mut self) -> Option<Event> {
        self.left = self.left.checked_sub(1)?;
        self.of_batch = self.of_batch.saturating_sub(1);
        self.events.pop_front()
    }

    /// The next event, if it is a message for this receiver.
    pub fn next_message_of(&mut self, receiver: ReceiverId) -> Option<Event> {
        let next = self.events.front()?;
        let is_wanted =
            next.receiver == receiver && matches!(next.kind, EventKind::Text | EventKind::Binary);
        if is_wanted { self.next() } else { None }
    }

    /// How many messages for this receiver are still to be handed out, though they count as delivered.
    pub fn messages_of(&self, receiver: ReceiverId) -> usize {
        let left = self.events.iter().take(self.left);
        left.filter(|event| event.receiver == receiver && event.kind.counts_as_undelivered())
            .count()
    }

    /// Has each event keep its bytes itself.
    fn own(&mut self) {
        let (batch, events) = (&self.batch, &mut self.events);
        for event in events {
            if let Payload::Inline { .. } = event.payload {
                event.payload = Payload::Owned(batch.bytes(&event.payload).to_vec());
            }
        }
    }

    /// What the payload of one of its events refers to.
    pub fn bytes<'a>(&'a self, event: &'a Event) -> &'a [u8] {
        self.batch.bytes(&event.payload)
    }
}

impl State {
    /// Counts the next batch as delivered, and how long its events have waited.
    fn account(&mut self, shared: &Shared) {
        let before = self.handed.settle();
        let mut delivered: Vec<(ReceiverId, u32, usize)> = Vec::new();
        let accounted = self.pending.len().min(MAX_BATCH);
        for event in self.pending.iter().take(accounted) {
            if self.is_measured {
                self.handed.add(event);
            }
            if event.kind.counts_as_undelivered() {
                let size = self.batch.bytes(&event.payload).len();
                // A flood of one connection is one entry.
                match delivered.last_mut() {
                    Some((receiver, messages, total)) if *receiver == event.receiver => {
                        *messages += 1;
                        *total += size;
                    }
                    _ => delivered.push((event.receiver, 1, size)),
                }
            }
        }
        self.accounted = accounted;
        if accounted == 0 {
            return;
        }
        let mut arrivals = lock(&shared.arrivals);
        let Arrivals {
            mailbox,
            recorder,
            lag,
            ..
        } = &mut *arrivals;
        if let Some(meter) = lag {
            self.handed.hand_over(clock::now(), before, meter, recorder);
        }
        for (receiver, messages, bytes) in delivered {
            if let Some(paused) = mailbox.delivered(receiver, messages, bytes) {
                lock(&shared.dirty).push(paused);
            }
        }
    }

    fn expire(&mut self, now: Instant) {
        let pending = &mut self.pending;
        self.timers.expire(now, |id, due, is_last| {
            let payload = Payload::Timer(id, is_last);
            pending.push_back(Event {
                receiver: 0,
                kind: EventKind::Timer,
                payload,
                at: due,
            });
        });
    }
}

#[cfg(test)]
mod tests;
