//! The course of a scenario: what is to be done when, as far as a clock says so.
//!
//! Scenarios that end when their iterations are done have none: nobody knows when that is.

use std::time::Duration;

use super::executor::ExecutorConfig;
use super::scenario::Scenario;
use super::stages::Stage;
use crate::units::format_duration;

/// A stretch of it in which one thing is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What, in few words: `stage 2: to 50 VUs`.
    pub name: String,
    /// Since the end of setup.
    pub from: Duration,
    /// Where it ends.
    pub to: Duration,
}

impl Scenario {
    /// Its stages; of a constant load the whole of it.
    pub fn course(&self) -> Vec<Stretch> {
        let whole = |name: String| {
            let to = self.start_time.saturating_add(self.executor.regular_end());
            vec![Stretch {
                name,
                from: self.start_time,
                to,
            }]
        };
        match &self.executor {
            ExecutorConfig::SharedIterations { .. } | ExecutorConfig::PerVuIterations { .. } => {
                Vec::new()
            }
            ExecutorConfig::ConstantVus { vus, .. } => whole(format!("{vus} VUs")),
            ExecutorConfig::ConstantArrivalRate {
                rate, time_unit, ..
            } => whole(rated(*rate, *time_unit)),
            ExecutorConfig::RampingVus {
                start_vus, stages, ..
            } => self.staged((*start_vus).into(), stages, |vus| format!("{vus} VUs")),
            ExecutorConfig::RampingArrivalRate {
                start_rate,
                stages,
                time_unit,
                ..
            } => self.staged(*start_rate, stages, |rate| rated(rate, *time_unit)),
        }
    }

    /// A jump takes no time, and is none of them.
    fn staged(&self, start: u64, stages: &[Stage], named: impl Fn(u64) -> String) -> Vec<Stretch> {
        let (mut from, mut before) = (self.start_time, start);
        let mut course = Vec::new();
        for (number, stage) in stages.iter().enumerate() {
            let to = from.saturating_add(stage.duration);
            let way = if stage.target == before { "" } else { "to " };
            let name = format!("stage {}: {way}{}", number + 1, named(stage.target));
            if to > from {
                course.push(Stretch { name, from, to });
            }
            (from, before) = (to, stage.target);
        }
        course
    }
}

/// `50 iterations/s`, or `3 iterations/1m0s`.
fn rated(rate: u64, time_unit: Duration) -> String {
    if time_unit == Duration::from_secs(1) {
        return format!("{rate} iterations/s");
    }
    format!("{rate} iterations/{}", format_duration(time_unit))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::options::{Source, Tier, parse};

    fn course(scenario: &Value) -> Vec<(String, u64, u64)> {
        let Value::Object(values) = json!({"scenarios": {"one": scenario}}) else {
            panic!("an object was written")
        };
        let source = Source::Script;
        let options = parse(&[Tier { source, values }]).unwrap();
        let course = options.scenarios[0].course().into_iter();
        course
            .map(|one| (one.name, one.from.as_secs(), one.to.as_secs()))
            .collect()
    }

    #[test]
    fn stages_follow_one_another_and_jumps_take_no_time() {
        let stages = json!([
            {"duration": "10s", "target": 20},
            {"duration": "0s", "target": 50},
            {"duration": "1m", "target": 50},
            {"duration": "5s", "target": 0},
        ]);
        let found =
            course(&json!({"executor": "ramping-vus", "startTime": "3s", "stages": stages}));
        let wanted = [
            ("stage 1: to 20 VUs", 3, 13),
            ("stage 3: 50 VUs", 13, 73),
            ("stage 4: to 0 VUs", 73, 78),
        ];
        assert_eq!(
            found,
            wanted.map(|(name, from, to)| (name.into(), from, to))
        );
    }

    #[test]
    fn rates_are_named_by_their_unit_and_iterations_know_no_end() {
        let rate = |unit: &str| {
            json!({"executor": "constant-arrival-rate", "rate": 7, "timeUnit": unit, "duration": "9s",
                "preAllocatedVUs": 1})
        };
        assert_eq!(course(&rate("1s")), [("7 iterations/s".into(), 0, 9)]);
        assert_eq!(course(&rate("1m")), [("7 iterations/1m0s".into(), 0, 9)]);
        assert_eq!(course(&json!({"executor": "per-vu-iterations"})), []);
        let stages = json!([{"duration": "2s", "target": 9}]);
        let ramp = json!({"executor": "ramping-arrival-rate", "startRate": 9, "stages": stages, "preAllocatedVUs": 1});
        assert_eq!(course(&ramp), [("stage 1: 9 iterations/s".into(), 0, 2)]);
        let constant = json!({"executor": "constant-vus", "vus": 3, "duration": "4s"});
        assert_eq!(course(&constant), [("3 VUs".into(), 0, 4)]);
    }
}
