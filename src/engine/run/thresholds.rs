//! Thresholds while a run lasts: when the numbers are looked at, and on which clock.
//!
//! Every two seconds the whole run so far is judged anew, so a threshold may recover; the last look, after
//! teardown, is the verdict. What holds and what does not is the [judge](super::judge)'s to say.

use std::sync::{MutexGuard, PoisonError};

use super::Run;
use super::judge::{Findings, Judge, Look};
use crate::clock;
use crate::engine::Runtime;
use crate::metrics::{MetricId, Sink};
use crate::options::ConfigError;

impl Run {
    /// From now on the thresholds of the options are judged. The script has declared its metrics by now, and
    /// nothing was recorded yet.
    pub fn judge_by_thresholds(&self) -> Result<(), ConfigError> {
        let mut catalog = self.metrics().catalog();
        let mut totals = self.metrics().totals();
        let mut judge = self.judge();
        for one in &self.options.thresholds {
            let metric: MetricId = match one.resolve(&catalog.registry) {
                Ok(metric) => metric,
                // Nothing is judged, so nothing need be refused.
                Err(_) if self.options.no_thresholds => continue,
                Err(error) => return Err(error),
            };
            let empty = Sink::new(catalog.registry.get(metric).kind);
            catalog.series.pick_by(metric, &one.selector);
            let part = totals.parts.add(metric, one.selector.clone(), empty);
            judge.add(&mut totals.parts, &one.name, part, &one.criteria);
        }
        Ok(())
    }

    /// Whether there is anything to judge.
    pub fn has_thresholds(&self) -> bool {
        self.judge().has_criteria()
    }

    /// Judges what was recorded so far.
    pub fn look(&self, runtime: &Runtime, look: Look) -> Findings {
        self.collect(runtime);
        let elapsed = self.state().test_time();
        let mut totals = self.metrics().totals();
        let mut judge = self.judge();
        let now = clock::now();
        if let Some(since) = judge.windows_since {
            totals.parts.advance(now - since);
            judge.windows_since = (look == Look::Running).then_some(now);
        }
        judge.look(&totals.parts, elapsed, look)
    }

    /// The scenarios begin, and windows with them.
    pub(super) fn start_windows(&self, runtime: &Runtime) {
        self.collect(runtime);
        self.metrics().totals().parts.restart_windows();
        self.judge().windows_since = Some(clock::now());
    }

    pub(super) fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
