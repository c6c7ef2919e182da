//! When what came that is told once a second: on the clock of the recording, which begins with the first opening.

use std::time::Duration;

use super::super::cadence::Cadence;
use super::super::delta::{Delta, Failed, Opening};
use super::{Instance, Recording};
use crate::metrics::{Registry, SeriesTable};
use crate::report::Ender;
use crate::report::history::{History, What};

impl Recording {
    /// Keeps what came when as well, for a page.
    pub fn with_history(self) -> Self {
        let history = Some(History::within(History::MOST_BYTES));
        Self { history, ..self }
    }

    /// What came when, where it is kept.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// The same, for who tells what has changed of it.
    pub fn history_mut(&mut self) -> Option<&mut History> {
        self.history.as_mut()
    }

    /// Names of metrics, and of their series.
    pub fn names(&self) -> (&Registry, &SeriesTable) {
        (&self.registry, &self.series)
    }

    /// What was said first of all.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// Milliseconds since 1970 at which the test clock started, and the scenarios' behind setup; 0 before.
    pub fn started(&self) -> (f64, f64) {
        let first = |of: fn(&Instance) -> f64| {
            let all = self.instances.iter().map(of).filter(|at| *at > 0.0);
            all.reduce(f64::min).unwrap_or_default()
        };
        (
            first(|one| one.now.clock_started),
            first(|one| one.now.scenarios_started),
        )
    }

    /// Microseconds from the beginning to the opening of an instance; clocks of machines differ, and none is before it.
    pub(super) fn beginning(&self, instance: usize) -> u64 {
        let first = self.opening.as_ref().map_or(0.0, |first| first.at);
        microseconds(self.instances[instance].opened - first)
    }

    /// Counts what the delta says of failures and ends, and that the run has got so far.
    pub(super) fn reach(&mut self, instance: usize, delta: &Delta) {
        let beginning = self.beginning(instance);
        let first = self.opening.as_ref().map_or(0.0, |first| first.at);
        let Some(history) = &mut self.history else {
            return;
        };
        let now = beginning.saturating_add(delta.now.since_opening / 1_000);
        history.reach(now);
        let earliest = now.saturating_sub(whole_microseconds(Cadence::SECOND));
        let before = now.saturating_sub(1);
        let last = |one: &Failed| {
            let at = microseconds(one.last_at - first);
            at.clamp(earliest, before.max(earliest))
        };
        for one in &delta.refusals {
            let (cause, status) = (one.cause.clone(), one.status);
            history.happen(What::Refusal { cause, status }, last(one), one.count);
        }
        for one in &delta.breaks {
            let (cause, status) = (one.cause.clone(), one.status);
            history.happen(What::Break { cause, status }, last(one), one.count);
        }
        for one in &delta.ends {
            let what = What::End {
                code: Some(one.code),
                by: Ender::read(&one.by).map(Ender::as_str),
                reason: one.reason.clone(),
            };
            history.happen(what, before, one.count);
        }
        if delta.other_ends > 0 {
            let what = What::End {
                code: None,
                by: None,
                reason: None,
            };
            history.happen(what, before, delta.other_ends);
        }
    }
}

impl Instance {
    /// Milliseconds since 1970 at which it was told last.
    pub(super) fn until(&self) -> f64 {
        self.opened + self.now.since_opening as f64 / 1e6
    }

    /// The middle of the stretch that a piece is of, which was added up at its end. Nobody says when it began: where
    /// the one before ended, unless nothing came for longer than pieces are long.
    pub(super) fn within(&mut self, until: u64) -> u64 {
        if until != self.piece[1] {
            self.piece = [self.piece[1], until];
        }
        let longest = if until <= whole_microseconds(Cadence::SHORT_UP_TO + LATE) {
            Cadence::SHORT
        } else {
            Cadence::SECOND
        };
        let longest = whole_microseconds(longest);
        let length = until.saturating_sub(self.piece[0]).min(longest);
        until - length / 2
    }
}

fn whole_microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Of milliseconds; nothing of what is no time to come.
fn microseconds(milliseconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stays within what there is"
    )]
    let microseconds = (milliseconds * 1_000.0) as u64;
    microseconds
}

/// How much later than they were to be pieces are cut at times.
const LATE: Duration = Duration::from_secs(1);
