//! What a run can tell of itself, as data: the summary, single series, the progress.
//!
//! Arranging is `report`'s; this gathers what it needs from the recorders, the schedule and the VUs.

use std::sync::PoisonError;

use serde_json::Value;

use super::Run;
use super::cores::health;
use super::state::ScenarioState;
use crate::clock;
use crate::engine::Runtime;
use crate::options::{ExecutorConfig, Scenario};
use crate::report::{Circumstances, Numbers, Progress, ScenarioProgress, View, progress};
use crate::schedule::{ExecutorProgress, Phase};

impl Run {
    /// What happened, in the schema of `handle_summary`, as it is to be shown.
    pub fn summary(&self, runtime: &Runtime, view: &View) -> Value {
        self.collect(runtime);
        let interrupted = self.state().interrupted;
        let scenarios: Vec<&str> = self.scenario_names().collect();
        let beside = Circumstances {
            health: health(self.metrics().lateness(), &self.cores),
            is_unverified: self.context.tls().is_unverified(),
            interrupted,
            scenarios: &scenarios,
        };
        self.with_numbers(|numbers| numbers.summary(&beside, view))
    }

    /// Every metric without a sample, by name, as the summary would have it.
    pub fn silent_metrics(&self) -> Value {
        self.with_numbers(|numbers| numbers.silent_metrics())
    }

    /// Every series with its figures, and which of them belong to the parts of metrics that thresholds name.
    pub fn rows(&self, runtime: &Runtime) -> Value {
        self.collect(runtime);
        self.with_numbers(|numbers| numbers.rows())
    }

    /// How far the run is, for the progress display.
    pub fn progress(&self, runtime: &Runtime) -> Value {
        self.collect(runtime);
        // First, as everywhere.
        let state = self.state();
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        let scenarios: Vec<_> = state
            .progresses()
            .zip(&self.options.scenarios)
            .map(|((scenario, progress), options)| scenario_progress(scenario, &progress, options))
            .collect();
        let far = Progress {
            elapsed: state.elapsed(),
            vus: scenarios.iter().map(|one| one.active_vus).sum(),
            vus_max: state.pool.len(),
            iterations: state.complete,
            interrupted: state.interrupted,
            scenarios,
        };
        let mut told = progress(&far, &catalog.series, &totals);
        let is_over = far.scenarios.iter().all(|one| one.phase == "done");
        let mut glances = self.glances.lock().unwrap_or_else(PoisonError::into_inner);
        let began = clock::now();
        // The last look is what stays on the screen.
        let seen = (!is_over).then(|| glances.seen(began).cloned()).flatten();
        told["figures"] = seen.unwrap_or_else(|| {
            let numbers = Numbers {
                registry: &catalog.registry,
                series: &catalog.series,
                totals: &totals,
                judge: &self.judge(),
                options: Some(&self.options),
                duration: state.test_time(),
            };
            let figures = numbers.glance(state.elapsed());
            glances.keep(began, clock::now(), figures.clone());
            figures
        });
        told
    }

    /// What was added up so far; recorders may hold more.
    fn with_numbers<T>(&self, tell: impl FnOnce(Numbers<'_>) -> T) -> T {
        // Not held together with what follows: elsewhere the state is locked first.
        let duration = self.state().test_time();
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        tell(Numbers {
            registry: &catalog.registry,
            series: &catalog.series,
            totals: &totals,
            judge: &self.judge(),
            options: Some(&self.options),
            duration,
        })
    }

    fn scenario_names(&self) -> impl Iterator<Item = &str> {
        self.options.scenarios.iter().map(|one| one.name.as_str())
    }

    pub(super) fn collect(&self, runtime: &Runtime) {
        runtime.drain_recorder(|driver| self.metrics().collect(driver));
    }
}

fn scenario_progress<'a>(
    scenario: &ScenarioState,
    progress: &ExecutorProgress,
    options: &'a Scenario,
) -> ScenarioProgress<'a> {
    let phase = match progress.phase {
        Phase::Waiting => "waiting",
        Phase::Running => "running",
        Phase::GracefulStop => "graceful_stop",
        Phase::Done => "done",
    };
    let per_vu = match options.executor {
        ExecutorConfig::PerVuIterations { iterations, .. } => Some(iterations),
        _ => None,
    };
    ScenarioProgress {
        name: &options.name,
        executor: options.executor.name(),
        phase,
        active_vus: progress.active_vus,
        max_vus: progress.max_vus,
        elapsed: progress.elapsed,
        duration: progress.regular_end,
        started: match progress.total {
            // Where iterations are counted, the bar shows those that are done.
            Some(_) => progress.finished(),
            None => progress.started,
        },
        total: progress.total,
        per_vu,
        rate: progress.rate,
        is_cut: scenario.is_cut,
    }
}
