//! How a recording is told: as the run itself told it, by the same lines.

use std::time::Duration;

use serde_json::Value;

use super::super::error::SnapshotError;
use super::Recording;
use crate::report::{Circumstances, Numbers, Told, View, complete, iso_date};
use crate::verdict::{Health, Look, PartOfMetric};

impl Recording {
    /// Nothing follows, though not every instance said so: why.
    pub fn break_off(&mut self, trouble: String) {
        self.troubles.push(trouble);
    }

    /// What is missing of it.
    pub fn troubles(&self) -> &[String] {
        &self.troubles
    }

    /// Whether every instance said that nothing follows.
    pub fn is_whole(&self) -> bool {
        self.instances.iter().all(|one| one.facts.is_last)
    }

    /// The run as it told itself: the data of its summary, whole, and what only the side of the script knew.
    pub fn retell(&mut self) -> Result<(Value, Told), SnapshotError> {
        self.retold(Look::AllEnded)
    }

    /// The same of a run that goes on: nobody knows yet what it ends with.
    pub fn retell_so_far(&mut self) -> Result<(Value, Told), SnapshotError> {
        self.retold(Look::Running)
    }

    fn retold(&mut self, look: Look) -> Result<(Value, Told), SnapshotError> {
        let texts = self.instances.iter().map(|one| one.facts.told.as_deref());
        let all = texts.map(|text| Told::read(text.unwrap_or("{}")));
        let all = all.collect::<Result<Vec<Told>, _>>();
        let all = all.map_err(|error| SnapshotError::Told(error.to_string()))?;
        let mut told = Told::merged(all);
        if look == Look::AllEnded && !(self.is_whole() && self.troubles.is_empty()) {
            told.cut_off();
        }
        if told.generated_at.is_empty() {
            // It was never over: as far as it was told.
            told.generated_at = iso_date(self.until());
        }
        let mut data = self.looked_at(look, &told.view);
        complete(&mut data, &mut told);
        Ok((data, told))
    }

    /// Milliseconds since 1970 at which it was told last.
    pub fn until(&self) -> f64 {
        self.instances
            .iter()
            .fold(0.0, |until, one| until.max(one.until()))
    }

    /// How long it lasted: of several, from the first start to the last end.
    pub fn duration(&self) -> Duration {
        if let [one] = &*self.instances {
            return Duration::from_nanos(one.now.test_time);
        }
        let clocks = self.instances.iter().map(|one| one.now);
        let started = clocks.filter(|now| now.clock_started > 0.0);
        let (mut from, mut until) = (f64::INFINITY, 0.0_f64);
        for now in started {
            from = from.min(now.clock_started);
            until = until.max(now.clock_started + now.test_time as f64 / 1e6);
        }
        Duration::try_from_secs_f64((until - from).max(0.0) / 1000.0).unwrap_or_default()
    }

    /// What happened, in the schema of `handle_summary`, as the run itself told it.
    pub fn summary(&mut self, view: &View) -> Value {
        self.looked_at(Look::AllEnded, view)
    }

    fn looked_at(&mut self, look: Look, view: &View) -> Value {
        let duration = self.duration();
        self.judge_again(duration, look);
        let scenarios: Vec<&str> = self.scenarios.iter().map(String::as_str).collect();
        let health = self.instances.iter().map(|one| one.facts.health);
        let beside = Circumstances {
            health: health.fold(Health::default(), Health::and),
            is_unverified: self.instances.iter().any(|one| one.facts.is_unverified),
            interrupted: self
                .instances
                .iter()
                .fold(0, |sum, one| one.facts.interrupted.saturating_add(sum)),
            scenarios: &scenarios,
        };
        if look == Look::Running {
            let parts = so_far(self.judge.glance(&self.totals.parts, duration));
            self.numbers().summary_of(&parts, &beside, view)
        } else {
            self.numbers().summary(&beside, view)
        }
    }

    /// What was added up, for all else that is told of it; thresholds stand as at the last [`Recording::summary`].
    pub fn numbers(&self) -> Numbers<'_> {
        Numbers {
            registry: &self.registry,
            series: &self.series,
            totals: &self.totals,
            judge: &self.judge,
            options: self.options.as_ref(),
            duration: self.duration(),
        }
    }

    fn judge_again(&mut self, duration: Duration, look: Look) {
        // One that was cut off may not have judged what it told last.
        if let [one] = &*self.instances
            && one.facts.is_last
        {
            self.judge.stand(&one.facts.standings);
            return;
        }
        if look != Look::Running {
            self.judge.look(&self.totals.parts, duration, look);
        }
        let all = self.instances.iter();
        let standings: Vec<_> = all.map(|one| &*one.facts.standings).collect();
        self.judge.stand_in_windows(&self.totals.parts, &standings);
    }
}

/// What has no numbers yet does not fail for that.
fn so_far(mut parts: Vec<PartOfMetric<'_>>) -> Vec<PartOfMetric<'_>> {
    let all = parts.iter_mut().flat_map(|part| &mut part.judgements);
    for one in all.filter(|one| one.figure.is_none()) {
        one.is_ok = true;
    }
    parts
}
