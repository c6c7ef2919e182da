//! Thresholds while a run lasts: when the numbers are looked at, and on which clock.
//!
//! Every two seconds the whole run so far is judged anew, so a threshold may recover; the last look, after
//! teardown, is the verdict. What holds and what does not is the [judge](Judge)'s to say.

use std::sync::{MutexGuard, PoisonError};

use super::Run;
use crate::clock;
use crate::engine::Runtime;
use crate::engine::measure::Catalog;
use crate::options::ConfigError;
use crate::verdict::{Findings, Judge, Look, judge_by};

impl Run {
    /// From now on the thresholds of the options are judged. The script has declared its metrics by now, and
    /// nothing was recorded yet.
    pub fn judge_by_thresholds(&self) -> Result<(), ConfigError> {
        let mut catalog = self.metrics().catalog();
        let Catalog {
            registry, series, ..
        } = &mut *catalog;
        let mut totals = self.metrics().totals();
        *self.judge() = judge_by(&self.options, registry, series, &mut totals.parts)?;
        Ok(())
    }

    /// Whether there is anything to judge.
    pub fn has_thresholds(&self) -> bool {
        self.judge().has_criteria()
    }

    /// Judges what was recorded so far.
    pub fn look(&self, runtime: &Runtime, look: Look) -> Findings {
        self.collect(runtime);
        // Not held together with what follows: elsewhere the state is locked first.
        let (elapsed, passed) = {
            let mut state = self.state();
            let now = clock::now();
            let since = state.windows_since.take();
            state.windows_since = since.and((look == Look::Running).then_some(now));
            (state.test_time(), since.map(|since| now - since))
        };
        let mut totals = self.metrics().totals();
        if let Some(passed) = passed {
            totals.parts.advance(passed);
        }
        self.judge().look(&totals.parts, elapsed, look)
    }

    /// The scenarios begin, and windows with them.
    pub(super) fn start_windows(&self, runtime: &Runtime) {
        self.collect(runtime);
        self.metrics().totals().parts.restart_windows();
        self.state().windows_since = Some(clock::now());
    }

    pub(super) fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
