//! What a running script may ask about the run it is part of.

use std::time::Duration;

use super::Run;
use super::insufficient_vus::InsufficientVus;
use super::pool::VuIndex;
use crate::clock;
use crate::engine::measure::milliseconds;

/// How far one scenario is.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioStatus {
    /// Its executor's name.
    pub executor: &'static str,
    /// When it began, in milliseconds since 1970.
    pub start_time: f64,
    /// From 0 to 1: by iterations that are over where they are counted, else by time.
    pub progress: f64,
}

/// How far this process is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceStatus {
    /// Iterations that have finished.
    pub iterations_completed: u64,
    /// Iterations that were cut.
    pub iterations_interrupted: u64,
    /// VUs at work.
    pub vus_active: u32,
    /// VUs initialised so far.
    pub vus_initialized: usize,
    /// Milliseconds on the test clock.
    pub test_run_duration: f64,
}

impl Run {
    /// How far a scenario is that has begun.
    pub fn scenario_status(&self, name: &str) -> Option<ScenarioStatus> {
        let index = self.scenario_named(name)?;
        let state = self.state();
        let scenario = &state.scenarios[index];
        let began = state.began? + scenario.start_time;
        let since = clock::now().saturating_duration_since(began);
        let progress = scenario.executor.progress(since);
        let share = match progress.total {
            Some(total) => progress.finished() as f64 / (total as f64).max(1.0),
            None => progress
                .elapsed
                .div_duration_f64(progress.regular_end.max(Duration::from_nanos(1))),
        };
        Some(ScenarioStatus {
            executor: self.options.scenarios[index].executor.name(),
            start_time: clock::epoch_milliseconds(began),
            progress: share.clamp(0.0, 1.0),
        })
    }

    /// Of each scenario, in the order of the options: complete iterations, failed ones among these, interrupted and
    /// dropped ones.
    pub fn iteration_counts(&self) -> Vec<(u64, u64, u64, u64)> {
        let state = self.state();
        let counts = state.scenarios.iter().map(|one| one.counts);
        counts
            .map(|one| (one.complete, one.failed, one.interrupted, one.dropped))
            .collect()
    }

    /// How far this process is.
    pub fn instance_status(&self) -> InstanceStatus {
        let state = self.state();
        InstanceStatus {
            iterations_completed: state.complete,
            iterations_interrupted: state.interrupted,
            vus_active: state.progresses().map(|(_, one)| one.active_vus).sum(),
            vus_initialized: state.pool.len(),
            test_run_duration: milliseconds(state.test_time()),
        }
    }

    /// The number of a VU over all processes of the test, from 1.
    pub fn id_in_test(&self, vu: VuIndex) -> u64 {
        self.options.share.nth(vu.into()) + 1
    }

    /// The number of an iteration of a scenario over all processes of the test, from 0.
    pub fn number_in_test(&self, scenario: &str, number: u64) -> u64 {
        let index = self.scenario_named(scenario);
        let state = self.state();
        let scenario = index.and_then(|index| state.scenarios.get(index));
        scenario.map_or(number, |scenario| scenario.numbering.nth(number))
    }

    /// Scenarios that were found short of VUs since the last call, each once, with the VUs they may have.
    pub fn short_of_vus(&self) -> Vec<(String, u32)> {
        let mut state = self.state();
        let scenarios = state.scenarios.iter_mut().zip(&self.options.scenarios);
        let found =
            scenarios.filter(|(scenario, _)| scenario.insufficient_vus == InsufficientVus::New);
        found
            .map(|(scenario, options)| {
                scenario.insufficient_vus = InsufficientVus::Told;
                (options.name.clone(), scenario.executor.vus())
            })
            .collect()
    }

    pub(super) fn scenario_named(&self, name: &str) -> Option<usize> {
        let mut all = self.options.scenarios.iter();
        all.position(|scenario| scenario.name == name)
    }
}
