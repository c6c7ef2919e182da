//! When iterations start and stop.
//!
//! An [`Executor`] turns the configuration of one scenario into [`Action`]s: start an iteration on a VU,
//! cut one, report starts that never happened, finished. It is a pure state machine: `now` is an argument
//! (the offset from the scenario's own start), so it owns no clock and no task, and its tests never sleep.
//! The engine calls it, sleeps until `next_wake`, and carries the actions out; what a VU or an iteration
//! *is* stays the engine's affair.
//!
//! In the *closed model* a VU starts its next iteration when its last one ended (`closed_model`; with a
//! number of VUs that changes, `ramping_vus`). In the *open model* iterations start on a timetable, whatever
//! the VUs do (`arrival_rate`, with one `next_wake` per start, or for several that follow fast). All end alike
//! (`closing`). VUs that have something of their own enter a scenario and leave it (`members`).

mod arrival_rate;
mod closed_model;
mod closing;
mod constant_rate;
mod constant_vus;
mod executor;
mod members;
mod need;
mod offset;
mod per_vu_iterations;
mod ramp;
mod ramping_rate;
mod ramping_vus;
mod shared_iterations;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::options::ExecutorConfig;
use crate::segment::Share;
use arrival_rate::ArrivalRate;
use closed_model::ClosedModel;
use closing::Closing;
use constant_rate::ConstantRate;
use constant_vus::ConstantVus;
pub use executor::{Action, Executor, ExecutorProgress, Phase, VuSlot};
pub use members::Members;
pub use need::{NeededVus, needed_vus};
use per_vu_iterations::PerVuIterations;
use ramp::Ramp;
use ramping_rate::RampingRate;
use ramping_vus::RampingVus;
use shared_iterations::SharedIterations;

/// Which numbers of the whole test the iterations of a scenario have on this process.
pub fn numbering(config: &ExecutorConfig, share: &Share) -> Share {
    let own = match config {
        // A number of iterations goes to where the VUs are, so that their numbers have no gaps.
        ExecutorConfig::SharedIterations { vus, .. }
        | ExecutorConfig::PerVuIterations { vus, .. } => share.in_proportion(*vus),
        _ => None,
    };
    own.unwrap_or_else(|| share.clone())
}

/// The executor that carries out this process's `share` of `config`, giving running iterations
/// `graceful_stop` after the regular end.
pub fn executor(
    config: &ExecutorConfig,
    graceful_stop: Duration,
    share: &Share,
) -> Box<dyn Executor> {
    let vus = share.of_vus(config.vus());
    let planned_vus = share.of_vus(config.planned_vus());
    let numbers = numbering(config, share);
    let closing = Closing::new(vus, config.regular_end(), graceful_stop, numbers.clone());
    match config {
        ExecutorConfig::SharedIterations { iterations, .. } => {
            // A part without a VU has no iteration either.
            let own = if vus > 0 { numbers.of(*iterations) } else { 0 };
            let supply = SharedIterations::new(own);
            Box::new(ClosedModel::new(vus, supply, closing))
        }
        ExecutorConfig::PerVuIterations { iterations, .. } => {
            let supply = PerVuIterations::new(vus, *iterations);
            Box::new(ClosedModel::new(vus, supply, closing))
        }
        ExecutorConfig::ConstantVus { .. } => Box::new(ClosedModel::new(vus, ConstantVus, closing)),
        ExecutorConfig::RampingVus {
            start_vus,
            stages,
            graceful_ramp_down,
        } => {
            let ramp = Ramp::new(*start_vus, stages, share);
            Box::new(RampingVus::new(ramp, *graceful_ramp_down, closing))
        }
        ExecutorConfig::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            ..
        } => {
            let timetable = ConstantRate::new(*rate, *time_unit, *duration);
            Box::new(ArrivalRate::new(timetable, planned_vus, numbers, closing))
        }
        ExecutorConfig::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            ..
        } => {
            let timetable = RampingRate::new(*start_rate, *time_unit, stages);
            Box::new(ArrivalRate::new(timetable, planned_vus, numbers, closing))
        }
    }
}
