//! What changes while a run lasts.

use std::time::Duration;

use super::insufficient_vus::InsufficientVus;
use super::iterations::IterationCounts;
use super::pool::{Pool, VuIndex};
use super::resting::Resting;
use crate::clock::{self, Instant};
use crate::engine::runtime::mailbox::ReceiverId;
use crate::metrics::{Series, TagSet};
use crate::schedule::{Executor, ExecutorProgress, Members, Phase};
use crate::segment::Share;

#[derive(Default)]
pub(super) struct State {
    /// Told when a VU rests, and once when every scenario has finished.
    pub(super) watcher: Option<ReceiverId>,
    /// Told which VU starts what, and which is cut.
    pub(super) told_what_to_start: Option<ReceiverId>,
    /// The start of the test clock: setup is on it, and `began` comes later.
    pub(super) clock_started: Option<Instant>,
    pub(super) began: Option<Instant>,
    pub(super) ended: Option<Instant>,
    /// When windows of thresholds last moved on; none while they stand still.
    pub(super) windows_since: Option<Instant>,
    pub(super) scenarios: Vec<ScenarioState>,
    pub(super) pool: Pool,
    pub(super) resting: Resting,
    pub(super) complete: u64,
    pub(super) interrupted: u64,
}

pub(super) struct ScenarioState {
    pub(super) executor: Box<dyn Executor>,
    /// Which numbers of the whole test its iterations have.
    pub(super) numbering: Share,
    pub(super) start_time: Duration,
    /// Which VU fills each place.
    pub(super) vus: Vec<Option<VuIndex>>,
    pub(super) stage: Stage,
    /// Iterations of this scenario that were cut.
    pub(super) is_cut: bool,
    /// What became of its iterations.
    pub(super) counts: IterationCounts,
    pub(super) insufficient_vus: InsufficientVus,
    pub(super) tags: TagSet,
    /// Those that have to leave it, once there was one.
    pub(super) members: Option<Members>,
    /// Its VUs begin before its clock starts; so many have not yet.
    pub(super) enters_first: bool,
    pub(super) entering: u32,
    /// Where the lateness of its starts is recorded, once there was one.
    pub(super) lateness: Option<Series>,
}

/// How far a scenario is, as far as its VUs are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Its start time has not come.
    Waiting,
    /// It has come: VUs begin, and its clock does not run yet.
    Entering,
    /// Iterations start.
    Open,
    /// None starts any more, some may run.
    Closed,
    /// Its VUs are free.
    Finished,
}

impl State {
    /// Resting VUs whose scenario starts no iteration any more, told once for each.
    pub(super) fn resting_in_vain(&mut self) -> Vec<VuIndex> {
        let since = self.since_begin().unwrap_or_default();
        let mut closed = Vec::new();
        let open = |(_, one): &(usize, &mut ScenarioState)| one.stage == Stage::Open;
        for (index, scenario) in self.scenarios.iter_mut().enumerate().filter(open) {
            let offset = since.saturating_sub(scenario.start_time);
            if scenario.executor.progress(offset).phase > Phase::Running {
                scenario.stage = Stage::Closed;
                closed.push(index);
            }
        }
        if closed.is_empty() {
            return Vec::new();
        }
        let pool = &self.pool;
        let is_over = |vu| {
            let place = pool.get(vu).and_then(|vu| vu.place);
            place.is_some_and(|(scenario, _)| closed.contains(&scenario))
        };
        self.resting.extract(is_over)
    }

    pub(super) fn since_begin(&self) -> Option<Duration> {
        Some(clock::now() - self.began?)
    }

    /// The time since the start of a scenario.
    pub(super) fn offset(&self, scenario: usize) -> Duration {
        let since = self.since_begin().unwrap_or_default();
        since.saturating_sub(self.scenarios[scenario].start_time)
    }

    pub(super) fn elapsed(&self) -> Duration {
        let Some(began) = self.began else {
            return Duration::ZERO;
        };
        self.ended.unwrap_or_else(clock::now) - began
    }

    pub(super) fn progresses(&self) -> impl Iterator<Item = (&ScenarioState, ExecutorProgress)> {
        let elapsed = self.elapsed();
        self.scenarios.iter().map(move |scenario| {
            let offset = elapsed.saturating_sub(scenario.start_time);
            (scenario, scenario.executor.progress(offset))
        })
    }
}
