//! When iterations start and stop.
//!
//! An [`Executor`] turns the configuration of one scenario into [`Action`]s: start an iteration on a VU,
//! cut one, report starts that never happened, finished. It is a pure state machine: `now` is an argument
//! (the offset from the scenario's own start), so it owns no clock and no task, and its tests never sleep.
//! The engine calls it, sleeps until `next_wake`, and carries the actions out; what a VU or an iteration
//! *is* stays the engine's affair.
//!
//! In the *closed model* a VU starts its next iteration when its last one ended (`closed_model`). In the
//! open model iterations start on a timetable, whatever the VUs do; such executors fit the same trait, with
//! one `next_wake` per start. Both end alike (`closing`).

mod closed_model;
mod closing;
mod constant_vus;
mod per_vu_iterations;
mod shared_iterations;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::options::ExecutorConfig;
use closed_model::ClosedModel;
use constant_vus::ConstantVus;
use per_vu_iterations::PerVuIterations;
use shared_iterations::SharedIterations;

/// The place of a VU within its scenario, counted from zero.
///
/// Not the id a script sees: VUs are one pool, and the engine decides which of them fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VuSlot(pub u32);

/// What the engine must do now, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start an iteration on a VU that runs none.
    StartIteration {
        /// The VU that runs it.
        slot: VuSlot,
        /// Its number within the scenario, from zero, without gaps.
        number: u64,
    },
    /// Cut the iteration that runs on this VU; its end is still reported with `iteration_ended`.
    HardStop {
        /// The VU to cut.
        slot: VuSlot,
    },
    /// Iterations that were promised and will never start: one `dropped_iterations` sample of this value.
    Drop {
        /// How many; never zero.
        count: u64,
    },
    /// Nothing runs and nothing more will start. Always the last action, and given once.
    Finished,
}

/// Decides when the iterations of one scenario start and stop.
///
/// Offsets count from the scenario's own start and never go back. A call may be late: a deadline that has
/// passed is acted upon by whichever call comes next, so an end reported after the regular end starts
/// nothing even if `wake` was not called yet.
pub trait Executor: Send {
    /// How many VUs the scenario may need at most.
    fn vus(&self) -> u32;

    /// The scenario begins, at offset zero. Once; a second call does nothing.
    fn start(&mut self, out: &mut Vec<Action>);

    /// The iteration on `slot` is over: finished, failed or cut. A VU that runs nothing is ignored.
    fn iteration_ended(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>);

    /// A deadline of [`Executor::next_wake`] is due. Too early is harmless.
    fn wake(&mut self, now: Duration, out: &mut Vec<Action>);

    /// The offset at which [`Executor::wake`] must be called, if any; ask again after every call.
    fn next_wake(&self) -> Option<Duration>;

    /// The test was aborted: start nothing more and cut what runs, now. What did not start is not dropped.
    fn stop(&mut self, now: Duration, out: &mut Vec<Action>);

    /// How far the scenario is.
    fn progress(&self, now: Duration) -> ExecutorProgress;
}

/// How far a scenario is, for the progress line and the `vus` gauge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutorProgress {
    /// VUs at work. A closed-model executor counts a VU from its first iteration to the end of its last.
    pub active_vus: u32,
    /// Iterations started so far.
    pub started: u64,
    /// Iterations promised, where the executor counts them.
    pub total: Option<u64>,
    /// Time since the scenario's start; stands still from the regular end, or from an earlier finish.
    pub elapsed: Duration,
    /// The offset from which no iteration starts.
    pub regular_end: Duration,
    /// Which part of its life the scenario is in.
    pub phase: Phase,
}

/// The parts of a scenario's life, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Not started.
    Waiting,
    /// Iterations may start.
    Running,
    /// No iteration starts; the running ones are finishing, or have been told to stop.
    GracefulStop,
    /// Nothing runs and nothing will.
    Done,
}

/// The executor that carries out `config`, giving running iterations `graceful_stop` after the regular end.
pub fn executor(config: &ExecutorConfig, graceful_stop: Duration) -> Box<dyn Executor> {
    match *config {
        ExecutorConfig::SharedIterations {
            vus,
            iterations,
            max_duration,
        } => {
            let supply = SharedIterations::new(iterations);
            Box::new(ClosedModel::new(vus, supply, max_duration, graceful_stop))
        }
        ExecutorConfig::PerVuIterations {
            vus,
            iterations,
            max_duration,
        } => {
            let supply = PerVuIterations::new(vus, iterations);
            Box::new(ClosedModel::new(vus, supply, max_duration, graceful_stop))
        }
        ExecutorConfig::ConstantVus { vus, duration } => {
            Box::new(ClosedModel::new(vus, ConstantVus, duration, graceful_stop))
        }
    }
}
