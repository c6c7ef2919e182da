//! Executors of the open model: iterations start on a timetable, whatever the VUs do.
//!
//! The two arrival-rate executors differ only in their [`Timetable`], one small file each. Everything else is
//! here: which starts of the whole test are ours, which VU takes one, and what becomes of a start that finds
//! none. A start is dropped only when all VUs that the scenario may have are busy: a VU that is not there yet
//! is initialised for it. Late starts are made at once, one after the other.
//!
//! Starts that follow each other fast *gather*: the executor asks to be woken for several of them, since waking a
//! thread costs more than a short iteration. Each is due when the timetable says, and late by up to [`GRID`].

use std::collections::VecDeque;
use std::time::Duration;

use super::closing::Closing;
use super::offset::nanos;
use super::{Action, Executor, ExecutorProgress, VuSlot};
use crate::segment::Share;

/// What starts gather in, counted from the scenario's start: no finer than the timers of k6.
const GRID: Duration = Duration::from_millis(1);
/// They gather where there are more in a second: else one would wait for nobody.
const DENSE: f64 = 1_000.0;

/// When the iterations of the whole test start. Pure, and cheap: it is asked before every start.
pub(super) trait Timetable: Send {
    /// How many starts there are.
    fn starts(&self) -> u64;

    /// The offset of one of them, from zero: the first nanosecond at which it is due. Never falls with `n`.
    fn nth(&self, n: u64) -> Duration;

    /// Starts per second that are planned at this moment.
    fn rate(&self, at: Duration) -> f64;
}

/// Starts iterations on a timetable, as long as there are VUs.
///
/// Invariant: an initialised slot is either in `idle` or runs an iteration, but for those that are gone.
#[derive(Debug)]
pub(super) struct ArrivalRate<T> {
    timetable: T,
    share: Share,
    /// Starts of the timetable that are ours, and how many of them have been made or dropped.
    starts: u64,
    done: u64,
    /// When the next one is due, if there is one.
    next_due: Option<Duration>,
    /// Whoever waits longest is next, so that all VUs are used.
    idle: VecDeque<VuSlot>,
    initialised: u32,
    /// VUs that could not begin: neither idle nor ever again busy.
    gone: u32,
    planned_vus: u32,
    max_vus: u32,
    closing: Closing,
}

impl<T: Timetable> ArrivalRate<T> {
    /// Has the VUs of `closing` at most; `planned_vus` of them are initialised before the start.
    pub(super) fn new(timetable: T, planned_vus: u32, share: Share, closing: Closing) -> Self {
        let mut new = Self {
            starts: share.of(timetable.starts()),
            done: 0,
            next_due: None,
            idle: (0..planned_vus).map(VuSlot).collect(),
            initialised: planned_vus,
            gone: 0,
            planned_vus,
            max_vus: closing.slots(),
            closing,
            timetable,
            share,
        };
        new.look_up_next();
        new
    }

    fn look_up_next(&mut self) {
        let is_left = self.done < self.starts;
        self.next_due = is_left.then(|| self.timetable.nth(self.share.nth(self.done)));
    }

    /// Makes every start that is due. It is due even if the call comes after the regular end.
    fn make_due(&mut self, now: Duration, out: &mut Vec<Action>) {
        if !self.closing.is_open() {
            return;
        }
        let mut dropped = 0;
        while let Some(due) = self.next_due.filter(|due| *due <= now) {
            self.done += 1;
            self.look_up_next();
            // Past the hard end an iteration would be cut as soon as it began.
            let vu = if now < self.closing.hard_end() {
                self.free_vu()
            } else if due < self.closing.hard_end() {
                None
            } else {
                continue;
            };
            match vu {
                Some(slot) => {
                    report_dropped(&mut dropped, out);
                    self.closing.begin(slot, due, out);
                }
                None => dropped += 1,
            }
        }
        report_dropped(&mut dropped, out);
    }

    /// A VU that waits, else one that was not needed so far.
    fn free_vu(&mut self) -> Option<VuSlot> {
        let waiting = self.idle.pop_front();
        if waiting.is_some() || self.initialised == self.max_vus {
            return waiting;
        }
        self.initialised += 1;
        Some(VuSlot(self.initialised - 1))
    }

    /// When to be woken for a start that is due then.
    ///
    /// Half of the VUs that wait are left for what falls due while the thread wakes: a start that would have found
    /// one on time must not be dropped for having waited. What is due just before the regular end is not late, or the
    /// hard end might pass first.
    fn gathered(&self, due: Duration) -> Duration {
        let end = next_on_grid(due);
        let most = self.idle.len() as u64 / 2;
        let is_dense = self.timetable.rate(due) * self.share.size() > DENSE;
        if !is_dense || most < 2 || end >= self.closing.regular_end() {
            return due;
        }
        let last = self.done + most - 1;
        if last < self.starts {
            end.min(self.timetable.nth(self.share.nth(last)))
        } else {
            end
        }
    }

    /// Nobody is left who could start: the rest is dropped.
    fn end_without_vus(&mut self, now: Duration, out: &mut Vec<Action>) {
        if self.closing.is_open() {
            report_dropped(&mut (self.starts - self.done), out);
            self.done = self.starts;
            self.next_due = None;
        }
        self.closing.finish_if_idle(now, out);
    }

    fn pass_ends(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.closing.passes_regular_end(now);
        self.closing.cut_if_due(now, out);
        self.closing.finish_if_over(now, out);
    }
}

impl<T: Timetable> Executor for ArrivalRate<T> {
    fn vus(&self) -> u32 {
        self.max_vus
    }

    fn planned_vus(&self) -> u32 {
        self.planned_vus
    }

    fn start(&mut self, out: &mut Vec<Action>) {
        if self.closing.open() {
            if self.gone == self.max_vus {
                self.end_without_vus(Duration::ZERO, out);
            } else {
                self.make_due(Duration::ZERO, out);
            }
        }
    }

    fn iteration_ended(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) {
        if self.closing.is_running(slot) {
            // What was due while this VU was busy did not find it, however late we look.
            self.make_due(now, out);
            self.closing.end(slot);
            self.idle.push_back(slot);
            self.pass_ends(now, out);
        }
    }

    fn gone(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) -> bool {
        self.make_due(now, out);
        let was_running = self.closing.end(slot);
        if !was_running {
            self.idle.retain(|idle| *idle != slot);
        }
        self.gone += 1;
        let is_lost = self.gone == self.max_vus;
        report_dropped(&mut u64::from(was_running), out);
        self.pass_ends(now, out);
        if is_lost {
            self.end_without_vus(now, out);
        }
        is_lost
    }

    fn wake(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.make_due(now, out);
        self.pass_ends(now, out);
    }

    fn next_wake(&self) -> Option<Duration> {
        let due = self.next_due.filter(|_| self.closing.is_open());
        due.map(|due| self.gathered(due))
            .or_else(|| self.closing.next_deadline())
    }

    fn end(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.closing.end_early(now);
        self.pass_ends(now, out);
    }

    fn stop(&mut self, now: Duration, out: &mut Vec<Action>) {
        self.next_due = None;
        self.closing.abort(now, out);
    }

    fn progress(&self, now: Duration) -> ExecutorProgress {
        let progress = self.closing.progress(now);
        ExecutorProgress {
            initialised_vus: self.initialised,
            rate: Some(self.timetable.rate(progress.elapsed) * self.share.size()),
            ..progress
        }
    }
}

/// The first instant of the grid that is not before `at`.
fn next_on_grid(at: Duration) -> Duration {
    nanos(at.as_nanos().next_multiple_of(GRID.as_nanos()))
}

/// Starts that follow each other and found no VU are one number.
fn report_dropped(dropped: &mut u64, out: &mut Vec<Action>) {
    let count = std::mem::take(dropped);
    if count > 0 {
        out.push(Action::Drop { count });
    }
}
