//! How many VUs a whole test needs at one time.
//!
//! Scenarios share one pool of VUs. Each holds what it may need from its start time to the end of its
//! graceful stop; under `ramping-vus` that number changes, and a VU that must go counts until its graceful
//! ramp-down is over. The need of the test is the largest sum at any moment. Pure: it looks at the plan, not
//! at the run.

use std::collections::VecDeque;
use std::time::Duration;

use super::VuSlot;
use super::ramp::Ramp;
use crate::options::{ExecutorConfig, Scenario, Stage};
use crate::segment::Share;

/// VUs that the scenarios of a test need together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededVus {
    /// Those to initialise before the start.
    pub planned: u64,
    /// Those there may be at most.
    pub maximum: u64,
}

/// The need of this process's `share` of the scenarios.
pub fn needed_vus(scenarios: &[Scenario], share: &Share) -> NeededVus {
    NeededVus {
        planned: peak(scenarios, share, ExecutorConfig::planned_vus),
        maximum: peak(scenarios, share, ExecutorConfig::vus),
    }
}

/// The largest sum over all scenarios of what `vus` says they hold.
fn peak(scenarios: &[Scenario], share: &Share, vus: fn(&ExecutorConfig) -> u32) -> u64 {
    let mut changes = Vec::new();
    for scenario in scenarios {
        let start = scenario.start_time;
        let end = (scenario.executor.regular_end()).saturating_add(scenario.graceful_stop);
        if let ExecutorConfig::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } = &scenario.executor
            && steps(*start_vus, stages) <= MOST_STEPS
        {
            let ramp = Ramp::new(*start_vus, stages, share);
            reserved(ramp, *graceful_ramp_down, start, end, &mut changes);
        } else {
            let held = i64::from(share.of_vus(vus(&scenario.executor)));
            changes.push((start, held));
            changes.push((start + end, -held));
        }
    }
    // At the same instant those that go make room for those that come.
    changes.sort_unstable();
    let mut held = 0;
    let sums = changes.iter().map(|(_, change)| {
        held += change;
        held
    });
    u64::try_from(sums.max().unwrap_or(0)).unwrap_or(0)
}

/// How many VUs come or go in all.
fn steps(start_vus: u32, stages: &[Stage]) -> u64 {
    let mut from = u64::from(start_vus);
    let of_stage =
        |stage: &Stage| std::mem::replace(&mut from, stage.target).abs_diff(stage.target);
    stages.iter().map(of_stage).sum()
}

/// When a ramp takes VUs and lets them go, as changes of their number.
fn reserved(
    ramp: Ramp,
    grace: Duration,
    start: Duration,
    end: Duration,
    changes: &mut Vec<(Duration, i64)>,
) {
    let mut held = i64::from(ramp.vus());
    changes.push((start, held));
    // As in the executor: who must go is free when its grace is over, unless it is taken back.
    let mut leaving: VecDeque<(Duration, VuSlot)> = VecDeque::new();
    let mut release = |leaving: &mut VecDeque<(Duration, VuSlot)>, before: Duration| {
        let mut released = 0;
        while leaving.front().is_some_and(|(until, _)| *until < before)
            && let Some((until, _)) = leaving.pop_front()
        {
            changes.push((start + until, -1));
            released += 1;
        }
        released
    };
    let mut taken = Vec::new();
    for step in ramp {
        held -= release(&mut leaving, step.at);
        if !step.is_up {
            leaving.push_back(((step.at + grace).min(end), step.slot));
        } else if leaving.back().is_some_and(|(_, slot)| *slot == step.slot) {
            leaving.pop_back();
        } else {
            taken.push((start + step.at, 1));
            held += 1;
        }
    }
    held -= release(&mut leaving, end);
    changes.extend(taken);
    changes.push((start + end, -held));
}

/// A ramp of more steps than this counts as if it held all its VUs from start to end: looking at each costs
/// time and memory before the run.
const MOST_STEPS: u64 = 2_000_000;
