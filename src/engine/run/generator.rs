//! What the generator uses of the machine, and how late it is, measured; what follows from it is `verdict::health`'s.

use std::sync::PoisonError;
use std::time::Duration;

use super::Run;
use super::cores::used_by_threads;
use super::state::ScenarioState;
use crate::clock;
use crate::engine::measure::{VuAccount, milliseconds};
use crate::engine::runtime::lag::LagMeter;
use crate::metrics::builtin;

impl Run {
    /// Where it is recorded how long events wait.
    pub(super) fn lag_meter(&self) -> LagMeter {
        let mut catalog = self.metrics().catalog();
        LagMeter {
            lag: catalog.series(builtin::VU_LOOP_LAG, &self.tags),
            driver: catalog.series(builtin::DRIVER_LAG, &self.tags),
            lateness: self.metrics().lateness().clone(),
        }
    }

    /// An iteration of a timetable began this long after its time.
    pub(super) fn started_late_by(
        &self,
        late: Duration,
        vu: &VuAccount,
        scenario: &mut ScenarioState,
    ) {
        let ScenarioState { tags, lateness, .. } = scenario;
        let metric = builtin::ITERATION_LATENESS;
        let series = *lateness.get_or_insert_with(|| self.metrics().catalog().series(metric, tags));
        self.metrics().add(vu, series, milliseconds(late));
        self.metrics().lateness().starts.add(late, 1);
    }

    /// Records what the busiest thread uses of its core.
    pub(super) fn sample_generator(&self) {
        let mut cores = self.cores.lock().unwrap_or_else(PoisonError::into_inner);
        let percent = cores.sample(clock::now(), used_by_threads());
        drop(cores);
        if let Some(percent) = percent {
            self.metrics()
                .record(builtin::GENERATOR_CPU, &self.tags, percent);
        }
    }
}
