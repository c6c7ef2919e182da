//! One load test: its scenarios, its VUs, what they did.
//!
//! The schedule decides when an iteration starts, the script's side runs it; this is where the two meet.
//! A VU is told to start or to stop by an event in the mailbox, and tells when it has ended. VUs are
//! numbered from 1; each scenario holds a range of them for the whole run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Runtime;
use super::mailbox::{Event, EventKind, Payload, Target};
use super::measure::{Metering, VuAccount, milliseconds};
use crate::clock::{self, Instant};
use crate::metrics::{SystemTag, TagSet, builtin};
use crate::options::{ConfigError, Options, Source};
use crate::schedule::{Action, Executor, ExecutorProgress, VuSlot, executor};

mod figures;
mod outputs;
pub use figures::TerminalState;
pub use outputs::output_deadline;

/// VUs of one run at most: each costs memory before the first iteration.
const MAX_VUS: u32 = 1_000_000;

/// How an iteration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IterationEnd {
    /// The function returned, or raised: it was tried to the end.
    Complete,
    /// It was cut before its end.
    Interrupted,
}

/// A load test on a [`Runtime`].
pub struct Run {
    options: Options,
    metering: Arc<Metering>,
    tags: TagSet,
    state: Mutex<State>,
    outputs: Mutex<outputs::Outputs>,
}

#[derive(Default)]
struct State {
    /// Told once when every scenario has finished.
    watcher: Option<Target>,
    began: Option<Instant>,
    ended: Option<Instant>,
    scenarios: Vec<ScenarioState>,
    vus: Vec<Vu>,
    complete: u64,
    interrupted: u64,
}

struct ScenarioState {
    executor: Box<dyn Executor>,
    start_time: Duration,
    first_vu: u32,
    is_started: bool,
    is_finished: bool,
    /// Iterations of this scenario that were cut.
    is_cut: bool,
    tags: TagSet,
}

struct Vu {
    target: Option<Target>,
    account: Arc<VuAccount>,
    scenario: usize,
    slot: VuSlot,
    began: Option<Instant>,
}

impl Run {
    /// Prepares a run; nothing starts before [`Run::begin`].
    pub fn new(options: Options) -> Result<Self, ConfigError> {
        let total: u64 = options
            .scenarios
            .iter()
            .map(|s| u64::from(s.executor.vus()))
            .sum();
        if total > u64::from(MAX_VUS) {
            return Err(ConfigError {
                path: "scenarios".into(),
                value: String::new(),
                source: Source::Script,
                message: format!("{total} VUs over all scenarios, at most {MAX_VUS} are possible"),
                hint: None,
            });
        }
        let metering = Arc::new(Metering::new(
            options.system_tags,
            options.host_rules.clone(),
        ));
        let tags = TagSet::new().extended(&options.tags);
        let mut state = State::default();
        for (index, scenario) in options.scenarios.iter().enumerate() {
            let first_vu = u32::try_from(state.vus.len()).unwrap_or(MAX_VUS);
            let executor = executor(&scenario.executor, scenario.graceful_stop);
            state.vus.extend((0..executor.vus()).map(|slot| Vu {
                target: None,
                account: Arc::default(),
                scenario: index,
                slot: VuSlot(slot),
                began: None,
            }));
            let mut tags = tags.extended(&scenario.tags);
            if options.system_tags.contains(SystemTag::Scenario) {
                tags = tags.with("scenario", &scenario.name);
            }
            if options.system_tags.contains(SystemTag::Group) {
                tags = tags.with("group", "");
            }
            state.scenarios.push(ScenarioState {
                executor,
                start_time: scenario.start_time,
                first_vu,
                is_started: false,
                is_finished: false,
                is_cut: false,
                tags,
            });
        }
        Ok(Self {
            options,
            metering,
            tags,
            state: Mutex::new(state),
            outputs: Mutex::default(),
        })
    }

    /// What the user asked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The numbers.
    pub fn metering(&self) -> &Arc<Metering> {
        &self.metering
    }

    /// VUs of the run.
    pub fn vus(&self) -> usize {
        self.state().vus.len()
    }

    /// The index of the scenario of the VU with this index (from 0).
    pub fn scenario_of(&self, vu: usize) -> Option<usize> {
        self.state().vus.get(vu).map(|one| one.scenario)
    }

    /// Names whom the events of the VU with this index (from 0) go to. Returns its account and tags.
    pub fn attach(&self, vu: usize, target: Target) -> Option<(Arc<VuAccount>, TagSet)> {
        let mut state = self.state();
        let one = state.vus.get_mut(vu)?;
        one.target = Some(target);
        let (account, scenario) = (one.account.clone(), one.scenario);
        Some((account, state.scenarios[scenario].tags.clone()))
    }

    /// From now on the loop records for this run: its stages begin.
    pub fn open(&self, runtime: &Runtime) {
        runtime.record_only(self.metering.catalog().series.id());
    }

    /// Names who is told, once, that every scenario has finished.
    pub fn watch(&self, target: Target) {
        self.state().watcher = Some(target);
    }

    /// The test clock starts, and the scenarios with it.
    pub fn begin(&self, runtime: &Runtime) {
        let lag = self
            .metering
            .catalog()
            .series(builtin::VU_LOOP_LAG, &self.tags);
        runtime.measure_lag(Some(lag));
        self.state().began = Some(clock::now());
        self.wake(runtime);
    }

    /// Starts scenarios whose time has come and tells the others what time it is.
    pub fn wake(&self, runtime: &Runtime) {
        let mut state = self.state();
        let Some(since) = state.since_begin() else {
            return;
        };
        for index in 0..state.scenarios.len() {
            let mut actions = Vec::new();
            let scenario = &mut state.scenarios[index];
            if since < scenario.start_time {
                continue;
            }
            if std::mem::replace(&mut scenario.is_started, true) {
                scenario
                    .executor
                    .wake(since.saturating_sub(scenario.start_time), &mut actions);
            } else {
                scenario.executor.start(&mut actions);
            }
            self.carry_out(runtime, &mut state, index, actions);
        }
    }

    /// How long until [`Run::wake`] must be called again.
    pub fn next_wake(&self) -> Option<Duration> {
        let state = self.state();
        let since = state.since_begin()?;
        let wakes = state.scenarios.iter().filter_map(|scenario| {
            if scenario.is_started {
                Some(scenario.start_time + scenario.executor.next_wake()?)
            } else {
                Some(scenario.start_time)
            }
        });
        wakes.min().map(|at| at.saturating_sub(since))
    }

    /// A VU begins the iteration it was told to start.
    pub fn iteration_began(&self, vu: usize) {
        if let Some(vu) = self.state().vus.get_mut(vu) {
            vu.began = Some(clock::now());
        }
    }

    /// A VU's iteration is over, with all its sockets and timers. `tags` are the VU's at this moment.
    pub fn iteration_ended(&self, runtime: &Runtime, vu: usize, tags: &TagSet, end: IterationEnd) {
        let mut state = self.state();
        let now = clock::now();
        let Some(one) = state.vus.get_mut(vu) else {
            return;
        };
        let (scenario, slot) = (one.scenario, one.slot);
        let began = one.began.take();
        let (sent, received) = one.account.traffic.take();
        self.metering.record(builtin::DATA_SENT, tags, sent as f64);
        self.metering
            .record(builtin::DATA_RECEIVED, tags, received as f64);
        if end == IterationEnd::Complete {
            state.complete += 1;
            self.metering.record(builtin::ITERATIONS, tags, 1.0);
            if let Some(began) = began {
                let duration = milliseconds(now - began);
                self.metering
                    .record(builtin::ITERATION_DURATION, tags, duration);
            }
        } else {
            state.interrupted += 1;
            state.scenarios[scenario].is_cut = true;
        }
        let mut actions = Vec::new();
        let since = state.since_begin().unwrap_or_default();
        let scenario_state = &mut state.scenarios[scenario];
        let offset = since.saturating_sub(scenario_state.start_time);
        scenario_state
            .executor
            .iteration_ended(slot, offset, &mut actions);
        self.carry_out(runtime, &mut state, scenario, actions);
    }

    /// The account and tags of a stage that is no iteration: `setup` or `teardown`.
    pub fn stage(&self, name: &str) -> (Arc<VuAccount>, TagSet) {
        let mut tags = self.tags.clone();
        if self.options.system_tags.contains(SystemTag::Group) {
            tags = tags.with("group", &format!("::{name}"));
        }
        (Arc::default(), tags)
    }

    /// A stage is over: records the bytes that it moved.
    pub fn stage_ended(&self, account: &VuAccount, tags: &TagSet) {
        let (sent, received) = account.traffic.take();
        self.metering.record(builtin::DATA_SENT, tags, sent as f64);
        self.metering
            .record(builtin::DATA_RECEIVED, tags, received as f64);
    }

    /// Starts nothing more and cuts what runs: the test was aborted.
    pub fn stop(&self, runtime: &Runtime) {
        let mut state = self.state();
        let since = state.since_begin().unwrap_or_default();
        for index in 0..state.scenarios.len() {
            let mut actions = Vec::new();
            let scenario = &mut state.scenarios[index];
            let offset = since.saturating_sub(scenario.start_time);
            scenario.is_started = true;
            scenario.executor.stop(offset, &mut actions);
            self.carry_out(runtime, &mut state, index, actions);
        }
    }

    /// The test clock stops, and what happens from now on is not recorded.
    pub fn end(&self, runtime: &Runtime) {
        self.state().ended.get_or_insert_with(clock::now);
        runtime.measure_lag(None);
        self.close_records(runtime);
    }

    /// Records how many VUs are active and initialised; once a second.
    pub fn sample_vus(&self) {
        let state = self.state();
        let active: u32 = state
            .progresses()
            .map(|(_, progress)| progress.active_vus)
            .sum();
        self.metering
            .record(builtin::VUS, &self.tags, f64::from(active));
        self.metering
            .record(builtin::VUS_MAX, &self.tags, state.vus.len() as f64);
    }

    fn carry_out(
        &self,
        runtime: &Runtime,
        state: &mut State,
        scenario: usize,
        actions: Vec<Action>,
    ) {
        let now = clock::now();
        for action in actions {
            let (slot, kind, payload) = match action {
                Action::StartIteration { slot, number } => {
                    (slot, EventKind::StartIteration, Payload::Number(number))
                }
                Action::HardStop { slot } => (slot, EventKind::HardStop, Payload::None),
                Action::Drop { count } => {
                    let tags = &state.scenarios[scenario].tags;
                    self.metering
                        .record(builtin::DROPPED_ITERATIONS, tags, count as f64);
                    continue;
                }
                Action::Finished => {
                    state.scenarios[scenario].is_finished = true;
                    if state.scenarios.iter().all(|scenario| scenario.is_finished)
                        && let Some(watcher) = state.watcher.take()
                    {
                        runtime.push(Event::bare(watcher, EventKind::Finished, now));
                    }
                    continue;
                }
            };
            let index = (state.scenarios[scenario].first_vu + slot.0) as usize;
            if let Some(vu) = state.vus.get(index)
                && let Some(target) = vu.target
            {
                // At once, not when the event is delivered: a start that is still queued is then not made.
                vu.account.set_cut(kind == EventKind::HardStop);
                runtime.push(Event {
                    target,
                    kind,
                    payload,
                    at: now,
                });
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn since_begin(&self) -> Option<Duration> {
        Some(clock::now() - self.began?)
    }

    fn elapsed(&self) -> Duration {
        let Some(began) = self.began else {
            return Duration::ZERO;
        };
        self.ended.unwrap_or_else(clock::now) - began
    }

    fn progresses(&self) -> impl Iterator<Item = (&ScenarioState, ExecutorProgress)> {
        let elapsed = self.elapsed();
        self.scenarios.iter().map(move |scenario| {
            let offset = elapsed.saturating_sub(scenario.start_time);
            (scenario, scenario.executor.progress(offset))
        })
    }
}
