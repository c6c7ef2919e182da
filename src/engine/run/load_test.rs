//! One load test: its scenarios, its VUs, what they did.
//!
//! The schedule decides when an iteration starts, the script's side runs it; this is where the two meet.
//! A VU is told to start or to stop by an event in the mailbox, and tells when it has ended. VUs come from one
//! pool; a scenario holds those that it has used until it has finished.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cores::Cores;
use super::glances::Glances;
use super::insufficient_vus::InsufficientVus;
use super::iterations::{IterationCounts, IterationEnd};
use super::output_set::Outputs;
use super::pool::VuIndex;
use super::state::{ScenarioState, Stage, State};
use crate::clock;
use crate::engine::Runtime;
use crate::engine::context::RunContext;
use crate::engine::measure::{RunMetrics, VuAccount, Whole, milliseconds};
use crate::engine::runtime::mailbox::ReceiverId;
use crate::metrics::{SystemTag, TagSet, builtin};
use crate::options::{ConfigError, Options, Source};
use crate::schedule::{executor, needed_vus, numbering};
use crate::socket::dial::routes::Routes;
use crate::socket::tls::RunTls;
use crate::verdict::Judge;

/// VUs of one run at most: each costs memory before the first iteration.
const MAX_VUS: u32 = 1_000_000;

/// A load test on a [`Runtime`].
pub struct Run {
    pub(super) options: Options,
    pub(super) context: Arc<RunContext>,
    pub(super) tags: TagSet,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) judge: Arc<Mutex<Judge>>,
    pub(super) outputs: Mutex<Outputs>,
    pub(super) cores: Arc<Mutex<Cores>>,
    pub(super) glances: Mutex<Glances>,
}

impl Run {
    /// Prepares a run; nothing starts before [`Run::begin`].
    pub fn new(options: Options) -> Result<Self, ConfigError> {
        let needed = needed_vus(&options.scenarios, &options.share);
        if needed.maximum > u64::from(MAX_VUS) {
            let total = needed.maximum;
            return Err(ConfigError {
                path: "scenarios".into(),
                value: String::new(),
                source: Source::Script,
                message: format!("{total} VUs at one time, at most {MAX_VUS} are possible"),
                hint: None,
            });
        }
        let tags = TagSet::new().extended(&options.tags);
        let metrics = Arc::new(RunMetrics::new(options.system_tags, &tags));
        let routes = Routes::new(options.network.clone());
        let context = RunContext::new(metrics, routes, RunTls::new(options.tls.clone()));
        let mut state = State::default();
        for scenario in &options.scenarios {
            let executor = executor(&scenario.executor, scenario.graceful_stop, &options.share);
            let mut tags = tags.extended(&scenario.tags);
            if options.system_tags.contains(SystemTag::Scenario) {
                tags = tags.with("scenario", &scenario.name);
            }
            if options.system_tags.contains(SystemTag::Group) {
                tags = tags.with("group", "");
            }
            state.scenarios.push(ScenarioState {
                vus: vec![None; executor.vus() as usize],
                executor,
                numbering: numbering(&scenario.executor, &options.share),
                start_time: scenario.start_time,
                stage: Stage::Waiting,
                is_cut: false,
                counts: IterationCounts::default(),
                insufficient_vus: InsufficientVus::default(),
                tags,
                members: None,
                enters_first: false,
                entering: 0,
                lateness: None,
            });
        }
        state
            .pool
            .grow_to(u32::try_from(needed.planned).unwrap_or(MAX_VUS));
        Ok(Self {
            options,
            context: Arc::new(context),
            tags,
            state: Arc::new(Mutex::new(state)),
            judge: Arc::default(),
            outputs: Mutex::default(),
            cores: Arc::default(),
            glances: Mutex::default(),
        })
    }

    /// What the user asked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What its connections get from it.
    pub fn context(&self) -> &Arc<RunContext> {
        &self.context
    }

    /// The numbers.
    pub fn metrics(&self) -> &Arc<RunMetrics> {
        self.context.metrics()
    }

    /// VUs initialised so far.
    pub fn vus(&self) -> usize {
        self.state().pool.len()
    }

    /// The account of a VU of the pool, for its connections.
    pub fn account(&self, vu: VuIndex) -> Option<Arc<VuAccount>> {
        let mut state = self.state();
        state.pool.get_mut(vu).map(|vu| vu.account.clone())
    }

    /// The tags that a VU starts with when it is given to the scenario at this position.
    pub fn scenario_tags(&self, scenario: usize) -> Option<TagSet> {
        let state = self.state();
        let scenario = state.scenarios.get(scenario)?;
        Some(scenario.tags.clone())
    }

    /// Names who is told which VU is to start what, and which one is cut.
    pub fn employ(&self, vus: ReceiverId) {
        self.state().told_what_to_start = Some(vus);
    }

    /// From now on the loop records for this run: its stages begin.
    pub fn open(&self, runtime: &Runtime) {
        runtime.record_only(self.metrics().catalog().series.id());
    }

    /// Names who is told, once, that every scenario has finished.
    pub fn watch(&self, receiver: ReceiverId) {
        self.state().watcher = Some(receiver);
    }

    /// The scenarios start.
    pub fn begin(&self, runtime: &Runtime) {
        self.start_clock();
        self.start_windows(runtime);
        runtime.measure_lag(Some(self.lag_meter()));
        self.state().began = Some(clock::now());
        self.wake(runtime);
        // Without scenarios, which happens in a small segment, nobody else would say so.
        self.state().end_if_all_finished(runtime);
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
            if scenario.stage == Stage::Waiting && scenario.enters_first {
                self.enter(runtime, &mut state, index);
                continue;
            } else if scenario.stage == Stage::Waiting {
                scenario.stage = Stage::Open;
                scenario.executor.start(&mut actions);
            } else {
                let offset = since.saturating_sub(scenario.start_time);
                scenario.executor.wake(offset, &mut actions);
            }
            self.carry_out(runtime, &mut state, index, None, actions);
        }
        while let Some(vu) = state.resting.pop(clock::now()) {
            self.release(runtime, &mut state, vu);
        }
        // Where nothing starts any more, a rest is over.
        for vu in state.resting_in_vain() {
            self.release(runtime, &mut state, vu);
        }
    }

    /// How long until [`Run::wake`] must be called again.
    pub fn next_wake(&self) -> Option<Duration> {
        let mut state = self.state();
        let since = state.since_begin()?;
        let wakes = state.scenarios.iter().filter_map(|scenario| {
            if scenario.stage == Stage::Waiting {
                return Some(scenario.start_time);
            }
            let (own, members) = (scenario.executor.next_wake(), scenario.members_wake());
            let next = own.into_iter().chain(members).min()?;
            Some(scenario.start_time + next)
        });
        let scheduled = wakes.min().map(|at| at.saturating_sub(since));
        let rested = state
            .resting
            .next()
            .map(|at| at.saturating_duration_since(clock::now()));
        scheduled.into_iter().chain(rested).min()
    }

    /// A VU begins the iteration it was told to start.
    pub fn iteration_began(&self, vu: VuIndex) {
        let mut state = self.state();
        let now = clock::now();
        let Some(one) = state.pool.get_mut(vu) else {
            return;
        };
        one.began = Some(now);
        let planned = one.planned.take();
        one.account.begin(one.iterations, planned);
        one.iterations = one.iterations.saturating_add(1);
        if let Some((planned, (scenario, _))) = planned.zip(one.place) {
            let (late, account) = (now.saturating_duration_since(planned), one.account.clone());
            self.started_late_by(late, &account, &mut state.scenarios[scenario]);
        }
    }

    /// A VU's iteration is over, with all its sockets and timers. `tags` are the VU's at this moment.
    pub fn iteration_ended(
        &self,
        runtime: &Runtime,
        vu: VuIndex,
        tags: &TagSet,
        end: IterationEnd,
    ) {
        let mut state = self.state();
        let now = clock::now();
        let Some(one) = state.pool.get_mut(vu) else {
            return;
        };
        if !std::mem::take(&mut one.is_ordered) {
            return;
        }
        one.account.end();
        let began = one.began.take();
        let scenario = one.place.map(|(scenario, _)| scenario);
        let whole = (end != IterationEnd::Interrupted).then(|| Whole {
            is_failed: end == IterationEnd::Failed,
            duration: began.map(|began| milliseconds(now - began)),
        });
        self.metrics()
            .iteration_ended(&one.account, &mut one.series, tags, whole);
        if let Some(scenario) = scenario.and_then(|index| state.scenarios.get_mut(index)) {
            scenario.is_cut |= end == IterationEnd::Interrupted;
            scenario.counts.add(end);
        }
        if end == IterationEnd::Interrupted {
            state.interrupted += 1;
        } else {
            state.complete += 1;
        }
        let until = began.unwrap_or(now) + self.options.min_iteration_duration;
        let is_closed = scenario.is_none_or(|index| state.scenarios[index].stage > Stage::Open);
        if end != IterationEnd::Interrupted && until > now && !is_closed {
            state.resting.add(until, vu);
            state.tell_of_deadlines(runtime);
        } else {
            self.release(runtime, &mut state, vu);
        }
    }

    /// The schedule may use this VU again.
    pub(super) fn release(&self, runtime: &Runtime, state: &mut State, vu: VuIndex) {
        let since = state.since_begin().unwrap_or_default();
        let Some((scenario, slot)) = state.pool.get_mut(vu).and_then(|vu| vu.place) else {
            return;
        };
        let mut actions = Vec::new();
        let one = &mut state.scenarios[scenario];
        let offset = since.saturating_sub(one.start_time);
        one.executor.iteration_ended(slot, offset, &mut actions);
        self.carry_out(runtime, state, scenario, Some(slot), actions);
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
        let record = |metric, value| self.metrics().record_of(account, metric, tags, value);
        record(builtin::DATA_SENT, sent as f64);
        record(builtin::DATA_RECEIVED, received as f64);
    }

    /// Starts nothing more and cuts what runs: the test was aborted.
    pub fn stop(&self, runtime: &Runtime) {
        let mut state = self.state();
        let since = state.since_begin().unwrap_or_default();
        for index in 0..state.scenarios.len() {
            self.stop_entering(runtime, &mut state, index);
            let mut actions = Vec::new();
            let scenario = &mut state.scenarios[index];
            let offset = since.saturating_sub(scenario.start_time);
            // One that has not begun is not done either.
            scenario.is_cut |= scenario.stage == Stage::Waiting;
            scenario.stage = scenario.stage.max(Stage::Open);
            if let Some(members) = &mut scenario.members {
                members.stop();
            }
            scenario.executor.stop(offset, &mut actions);
            self.carry_out(runtime, &mut state, index, None, actions);
        }
    }

    /// The test clock stops, and what happens from now on is not recorded.
    pub fn end(&self, runtime: &Runtime) {
        self.state().ended.get_or_insert_with(clock::now);
        runtime.measure_lag(None);
        self.close_records(runtime);
    }

    /// Records how many VUs are active and initialised, and how busy the machine is with them; once a second.
    pub fn sample_vus(&self) {
        self.sample_generator();
        let state = self.state();
        let active: u32 = state
            .progresses()
            .map(|(_, progress)| progress.active_vus)
            .sum();
        self.metrics()
            .record(builtin::VUS, &self.tags, f64::from(active));
        self.metrics()
            .record(builtin::VUS_MAX, &self.tags, state.pool.len() as f64);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
