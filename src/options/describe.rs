//! What a scenario is going to do, in k6's words: `10 looping VUs for 30s (gracefulStop: 30s)`.
//!
//! Where a segment does a part of the test only, the numbers are those of that part.

use std::time::Duration;

use super::executor::ExecutorConfig;
use super::scenario::{DEFAULT_EXEC, Scenario};
use crate::segment::Share;
use crate::units::format_duration;

impl Scenario {
    /// The run description of the part of this scenario that `share` has.
    pub fn describe(&self, share: &Share) -> String {
        let (what, mut facts) = self.executor.describe(share);
        if self.exec != DEFAULT_EXEC {
            facts.push(format!("exec: {}", self.exec));
        }
        for (key, named) in [("vuStart", &self.vu_start), ("vuStop", &self.vu_stop)] {
            if let Some(name) = named {
                facts.push(format!("{key}: {name}"));
            }
        }
        if !self.start_time.is_zero() {
            facts.push(format!("startTime: {}", format_duration(self.start_time)));
        }
        let graceful_stop = format_duration(self.graceful_stop);
        facts.push(format!("gracefulStop: {graceful_stop}"));
        format!("{what} ({})", facts.join(", "))
    }
}

impl ExecutorConfig {
    /// What stands before the parenthesis, and what comes first in it.
    fn describe(&self, share: &Share) -> (String, Vec<String>) {
        let vus = share.of_vus(self.vus());
        let lasts = format_duration(self.regular_end());
        match self {
            Self::SharedIterations {
                vus: all_vus,
                iterations,
                ..
            } => {
                let iterations = share
                    .in_proportion(*all_vus)
                    .map_or(0, |share| share.of(*iterations));
                (
                    format!("{iterations} iterations shared among {vus} VUs"),
                    vec![format!("maxDuration: {lasts}")],
                )
            }
            Self::PerVuIterations { iterations, .. } => (
                format!("{iterations} iterations for each of {vus} VUs"),
                vec![format!("maxDuration: {lasts}")],
            ),
            Self::ConstantVus { .. } => (format!("{vus} looping VUs for {lasts}"), vec![]),
            Self::RampingVus {
                stages,
                graceful_ramp_down,
                ..
            } => {
                let count = stages.len();
                let ramp_down = format_duration(*graceful_ramp_down);
                (
                    format!("Up to {vus} looping VUs for {lasts} over {count} stages"),
                    vec![format!("gracefulRampDown: {ramp_down}")],
                )
            }
            Self::ConstantArrivalRate {
                rate, time_unit, ..
            } => (
                format!("{} for {lasts}", per_second(*rate, *time_unit, share)),
                vec![self.vu_range(share)],
            ),
            Self::RampingArrivalRate {
                start_rate,
                time_unit,
                stages,
                ..
            } => {
                let targets = stages.iter().map(|stage| stage.target);
                let highest = targets.fold(*start_rate, u64::max);
                let rate = per_second(highest, *time_unit, share);
                let count = stages.len();
                (
                    format!("Up to {rate} for {lasts} over {count} stages"),
                    vec![self.vu_range(share)],
                )
            }
        }
    }

    /// `maxVUs: 1-3`, or `maxVUs: 3` if all of them are there from the start.
    fn vu_range(&self, share: &Share) -> String {
        let planned = share.of_vus(self.planned_vus());
        match share.of_vus(self.vus()) {
            most if most > planned => format!("maxVUs: {planned}-{most}"),
            most => format!("maxVUs: {most}"),
        }
    }
}

fn per_second(rate: u64, time_unit: Duration, share: &Share) -> String {
    let rate = rate as f64 / time_unit.as_secs_f64() * share.size();
    format!("{rate:.2} iterations/s")
}
