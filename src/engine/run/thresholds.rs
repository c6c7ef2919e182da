//! Thresholds while a run lasts: when the numbers are looked at, and on which clock.
//!
//! Every two seconds the whole run so far is judged anew, so a threshold may recover; the last look, after
//! teardown, is the verdict. What holds and what does not is the [judge](Judge)'s to say.

use std::sync::{MutexGuard, PoisonError};

use super::Run;
use crate::clock;
use crate::conversation::requests::Failure;
use crate::engine::Runtime;
use crate::metrics::{MetricId, Selector, Sink, builtin};
use crate::options::ConfigError;
use crate::verdict::{Findings, Judge, Look};

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
            let selector = one.selector.clone();
            let part = match share_of(metric, &selector) {
                None => totals.parts.add(metric, selector, empty),
                Some(whole) => totals.parts.add_share(metric, selector, whole, empty),
            };
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

/// What a part is a share of, where that is not the part itself: of all requests, so many failed by one error.
///
/// An answered request has no `error`. Without this a run in which none timed out would have no data to say so by,
/// and one in which one of a thousand did would have a rate of 1.
fn share_of(metric: MetricId, selector: &Selector) -> Option<Selector> {
    let is_share = [builtin::WS_REQ_FAILED, builtin::TCP_REQ_FAILED].contains(&metric);
    let is_error = |value: &str| Failure::ALL.iter().any(|error| error.as_str() == value);
    is_share
        .then(|| selector.without("error", is_error))
        .flatten()
}
