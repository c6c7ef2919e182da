//! How long events waited for their handlers, and how late the sockets were looked at.
//!
//! An event waits from its arrival until its batch is handed out, and then for the handlers in front of it in
//! the batch. What those took is known when the VU thread is back; it is spread over the batch evenly. Each
//! event has its sample; those that arrived together share one addition, so that the hot path pays little.
//!
//! Where handlers took so long that the guardian had to look after the sockets, that is a *hold*: they are
//! numbered, and somebody may ask to be told of each, to see which handler it is.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use super::mailbox::Event;
use crate::clock::Instant;
use crate::engine::measure::{Lateness, milliseconds};
use crate::metrics::{Recorder, Series};

/// Events that arrived within this time share an addition: the error of their samples is below it, unless the
/// batch has more groups than [`MOST_GROUPS`].
const TOGETHER: Duration = Duration::from_micros(250);
/// A batch whose events came over a long time has so many groups at most: what it costs has a bound.
const MOST_GROUPS: usize = 16;
/// Where the handlers of a batch took longer than this, its events share additions for this long a time, and
/// there are at most so many of them.
const SLICE: Duration = Duration::from_millis(1);
const MOST_SLICES: u32 = 32;
/// What is read this soon after a look had waited for it.
const FOUND: Duration = Duration::from_millis(1);

/// Where it is recorded, during a run.
#[derive(Clone, Debug)]
pub(crate) struct LagMeter {
    /// The series of `vu_loop_lag`.
    pub lag: Series,
    /// The series of `driver_lag`.
    pub driver: Series,
    /// How many events were late.
    pub lateness: Arc<Lateness>,
}

/// Events that were handed out together and arrived together.
#[derive(Clone, Copy, Debug)]
struct Group {
    oldest: Instant,
    /// What one read brought has one stamp: the common case, told at a glance.
    newest: Instant,
    events: u32,
}

/// The batch that the script has, until it comes back for the next one.
#[derive(Debug, Default)]
pub(super) struct HandedOut {
    groups: Vec<Group>,
    /// The list of the batch before, for its memory: the next one takes it.
    spare: Vec<Group>,
    events: u32,
    at: Option<Instant>,
    /// When the VU thread came back, and when the guardian first looked after the sockets meanwhile.
    back: Option<Instant>,
    looked: Option<Instant>,
    holds: u64,
    longest: (Duration, u64),
}

impl HandedOut {
    /// The VU thread is back to drive the sockets.
    pub(super) fn came_back(&mut self, now: Instant) {
        self.back = Some(now);
    }

    /// The guardian looks after the sockets. True the first time since the VU thread left.
    pub(super) fn guarded(&mut self, now: impl FnOnce() -> Instant) -> bool {
        let is_hold = self.at.is_some() && self.back.is_none() && self.looked.is_none();
        if is_hold {
            self.looked = Some(now());
            self.holds += 1;
        }
        is_hold
    }

    /// The number of the hold that is under way, or 0.
    pub(super) fn hold(&self) -> u64 {
        if self.looked.is_some() && self.back.is_none() {
            self.holds
        } else {
            0
        }
    }

    /// How long the longest hold was, and its number.
    pub(super) fn longest(&self) -> (Duration, u64) {
        self.longest
    }

    /// Another event of the batch that is being handed out; call [`HandedOut::settle`] before the first one.
    #[inline]
    pub(super) fn add(&mut self, event: &Event) {
        if !event.kind.is_for_handlers() {
            return;
        }
        self.events += 1;
        match self.groups.last_mut() {
            Some(group) if event.at == group.newest => group.events += 1,
            Some(group)
                if event.at >= group.oldest && event.at.duration_since(group.oldest) < TOGETHER =>
            {
                group.newest = event.at;
                group.events += 1;
            }
            _ => {
                if self.groups.len() == MOST_GROUPS {
                    self.merge();
                }
                self.groups.push(Group {
                    oldest: event.at,
                    newest: event.at,
                    events: 1,
                });
            }
        }
    }

    /// Makes one group of each two neighbours.
    fn merge(&mut self) {
        let merged = self.groups.chunks(2).map(|pair| Group {
            oldest: pair[0].oldest,
            newest: pair[pair.len() - 1].newest,
            events: pair.iter().map(|one| one.events).sum(),
        });
        self.groups = merged.collect();
    }

    /// Starts anew, for another run or for none; how long the longest hold was is known until the next run.
    pub(super) fn restart(&mut self, is_for_run: bool) -> Settled {
        let last = self.settle();
        let longest = std::mem::take(self).longest;
        if !is_for_run {
            self.longest = longest;
        }
        last
    }

    /// Takes what is known of the batch before this one.
    pub(super) fn settle(&mut self) -> Settled {
        let (at, back) = (self.at.take(), self.back.take());
        let looked = self.looked.take();
        let handlers = match (at, back) {
            (Some(at), Some(back)) => back.saturating_duration_since(at),
            _ => Duration::ZERO,
        };
        if looked.is_some() && handlers > self.longest.0 {
            self.longest = (handlers, self.holds);
        }
        Settled {
            at,
            handlers,
            // Whoever looked first.
            look: looked.into_iter().chain(back).min(),
            groups: std::mem::replace(&mut self.groups, std::mem::take(&mut self.spare)),
            events: std::mem::take(&mut self.events),
        }
    }

    /// The batch is complete, and with the script from now on. Records the one before it.
    pub(super) fn hand_over(
        &mut self,
        now: Instant,
        mut before: Settled,
        meter: &LagMeter,
        recorder: &mut Recorder,
    ) {
        self.at = Some(now);
        before.record(meter, recorder);
        self.spare = std::mem::take(&mut before.groups);
        self.spare.clear();
        let Some((left, look)) = before.at.zip(before.look) else {
            return;
        };
        let is_found = |group: &&Group| group.oldest < look + FOUND;
        let found: u32 = self
            .groups
            .iter()
            .filter(is_found)
            .map(|one| one.events)
            .sum();
        let away = look.saturating_duration_since(left);
        for (waited, events) in [(away, found), (Duration::ZERO, self.events - found)] {
            recorder.add_many_at(meter.driver, milliseconds(waited), events, now);
            meter.lateness.driver.add(waited, events);
        }
    }
}

/// A batch whose handlers have run.
#[derive(Debug)]
pub(super) struct Settled {
    at: Option<Instant>,
    handlers: Duration,
    look: Option<Instant>,
    groups: Vec<Group>,
    events: u32,
}

impl Settled {
    /// How many events share an addition, of those that arrived together.
    fn together(&self) -> u32 {
        let slices = self.handlers.as_nanos() / SLICE.as_nanos() + 1;
        let slices = u32::try_from(slices).unwrap_or(u32::MAX).min(MOST_SLICES);
        self.events.div_ceil(slices).max(1)
    }

    /// Records how long its events had waited.
    pub(super) fn record(&self, meter: &LagMeter, recorder: &mut Recorder) {
        let Some(at) = self.at else { return };
        let mut add = |waited: Duration, events: u32, began: Instant| {
            recorder.add_many_at(meter.lag, milliseconds(waited), events, began);
            meter.lateness.events.add(waited, events);
        };
        let mut before = 0;
        let together = self.together();
        for group in &self.groups {
            let waited = at.saturating_duration_since(group.oldest);
            let mut left = group.events;
            while left > 0 {
                let slice = left.min(together);
                // The middle of those whose handlers ran in this slice.
                let in_front = f64::from(2 * before + slice) / f64::from(2 * self.events);
                let in_front = self.handlers.mul_f64(in_front.min(1.0));
                add(waited + in_front, slice, at + in_front);
                before += slice;
                left -= slice;
            }
        }
    }
}

/// Tells of each hold, once somebody listens.
#[derive(Debug, Default)]
pub(super) struct HoldNotifier(OnceLock<OwnedFd>);

impl HoldNotifier {
    /// The descriptor that whoever listens reads, which blocks until the next hold.
    pub(super) fn listen(&self) -> std::io::Result<BorrowedFd<'_>> {
        if self.0.get().is_none() {
            // Only the thread of the loop gets here, so there is no other.
            let _ = self.0.set(eventfd(0, EventfdFlags::CLOEXEC)?);
        }
        let eventfd = self.0.get().ok_or(std::io::ErrorKind::NotFound)?;
        Ok(eventfd.as_fd())
    }

    /// Tells, if anybody listens.
    pub(super) fn notify(&self) {
        if let Some(eventfd) = self.0.get() {
            // Fails only when 2^64 calls are unanswered.
            let _ = rustix::io::write(eventfd, &1_u64.to_ne_bytes());
        }
    }
}
