//! Whether the generator was the limit: what it used of the machine, and how late it was.
//!
//! The verdict is about shares: a number is doubtful where more than one in a hundred events or starts came
//! late, or where a thread had a core for itself for long. One long handler in a calm run is no doubt.

use std::sync::PoisonError;
use std::time::Duration;

use super::Run;
use super::cores::{BUSY, used_by_threads};
use super::state::ScenarioState;
use crate::clock;
use crate::engine::measure::{LATE, Share, VuAccount, milliseconds};
use crate::engine::runtime::lag::LagMeter;
use crate::metrics::builtin;

/// A larger share of late events or starts makes a run doubtful.
const LATE_SHARE: f64 = 0.01;
/// Fewer than this may be late in a run of any length: what one long message delays is no verdict on a run.
const FEW: u64 = 10;
/// It may be that busy for so long.
const BUSY_FOR: Duration = Duration::from_secs(10);

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

    /// Why the numbers may say more about this process than about the target, and what helps.
    pub(super) fn doubts(&self) -> Vec<String> {
        let lateness = self.metrics().lateness();
        let events = late(&lateness.events).map(|said| {
            format!(
                "events waited for the script: {said} (vu_loop_lag); handlers that take long belong into \
                 another process, or the load into several (executionSegment)"
            )
        });
        let starts = late(&lateness.starts).map(|said| {
            format!("iterations started after their time: {said} (iteration_lateness); lower the rate, or make \
                     handlers shorter")
        });
        let sockets = late(&lateness.driver).map(|said| {
            format!("sockets were looked at late: {said} (driver_lag); the machine is short of processor time")
        });
        let cores = self.cores.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = (cores.busy_for >= BUSY_FOR).then(|| {
            format!(
                "a thread of k6ws used more than {BUSY:.0}% of its core for {:.0} s, {:.0}% at most \
                 (generator_cpu); share the load among several processes (executionSegment)",
                cores.busy_for.as_secs_f64(),
                cores.most
            )
        });
        [events, starts, sockets, busy]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// How much of it was late, where that is too much.
fn late(share: &Share) -> Option<String> {
    let (all, late) = (share.all(), share.late());
    let part = late as f64 / (all as f64).max(1.0);
    (part > LATE_SHARE && late >= FEW).then(|| {
        format!(
            "{late} of {all} ({:.0}%) by more than {} ms, the latest by {:.0} ms",
            part * 100.0,
            LATE.as_millis(),
            milliseconds(share.worst())
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_late_ones_are_no_doubt_and_a_share_is() {
        let share = Share::default();
        share.add(Duration::from_millis(3), 30);
        share.add(Duration::from_millis(30), 9);
        assert_eq!(late(&share), None, "too few");
        share.add(Duration::from_millis(90), 1);
        let said = late(&share);
        let wanted = "10 of 40 (25%) by more than 10 ms, the latest by 90 ms";
        assert_eq!(said.as_deref(), Some(wanted));
        share.add(LATE, 1000);
        assert_eq!(late(&share), None, "too small a share");
    }
}
