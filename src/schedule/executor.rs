//! What an executor is, and what it says: the contract between the ways to schedule a scenario and the engine.

use std::time::Duration;

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
        /// Its number within the scenario on this process, from zero, without gaps.
        number: u64,
        /// Its number within the scenario over all processes that share the test, each number once.
        number_in_test: u64,
        /// When it should start: the instant that was planned for it, or the offset of the call where
        /// nothing is planned. From there a response time counts all of the waiting.
        due: Duration,
    },
    /// Cut the iteration that runs on this VU; its end is still reported with `iteration_ended`.
    HardStop {
        /// The VU to cut.
        slot: VuSlot,
    },
    /// Have a VU leave that runs nothing and is wanted no more; what [`Members`](super::Members) add.
    Leave {
        /// The VU that leaves.
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
/// nothing even if `wake` was not called yet. Starts of a timetable that come late come all at once.
pub trait Executor: Send {
    /// How many VUs the scenario may need at most.
    fn vus(&self) -> u32;

    /// How many of them should be initialised before the start: the first slots. The others are needed only
    /// if iterations start on their slots.
    fn planned_vus(&self) -> u32 {
        self.vus()
    }

    /// The scenario begins, at offset zero. Once; a second call does nothing.
    fn start(&mut self, out: &mut Vec<Action>);

    /// The iteration on `slot` is over: finished, failed or cut. A VU that runs nothing is ignored.
    fn iteration_ended(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>);

    /// The VU on `slot` could not begin: what it was to run is not run, and nothing starts there any more. Where
    /// no VU is left the scenario ends; whether that is so.
    fn gone(&mut self, slot: VuSlot, now: Duration, out: &mut Vec<Action>) -> bool;

    /// A deadline of [`Executor::next_wake`] is due. Too early is harmless.
    fn wake(&mut self, now: Duration, out: &mut Vec<Action>);

    /// The offset at which [`Executor::wake`] must be called, if any; ask again after every call.
    fn next_wake(&self) -> Option<Duration>;

    /// Start nothing more, and let what runs go on, as at the regular end. What did not start is not dropped.
    fn end(&mut self, now: Duration, out: &mut Vec<Action>);

    /// The test was aborted: start nothing more and cut what runs, now. What did not start is not dropped.
    fn stop(&mut self, now: Duration, out: &mut Vec<Action>);

    /// How far the scenario is.
    fn progress(&self, now: Duration) -> ExecutorProgress;
}

/// How far a scenario is, for the progress line and the `vus` gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutorProgress {
    /// VUs at work. A closed-model executor counts a VU from its first iteration to the end of its last.
    pub active_vus: u32,
    /// VUs that the scenario has had initialised, at work or not.
    pub initialised_vus: u32,
    /// VUs that it may have at most.
    pub max_vus: u32,
    /// Iterations started so far.
    pub started: u64,
    /// Iterations promised, where the executor counts them.
    pub total: Option<u64>,
    /// Starts per second that are planned at this moment, where there is a timetable.
    pub rate: Option<f64>,
    /// Time since the scenario's start; stands still from the regular end, or from an earlier finish.
    pub elapsed: Duration,
    /// The offset from which no iteration starts.
    pub regular_end: Duration,
    /// Which part of its life the scenario is in.
    pub phase: Phase,
}

impl ExecutorProgress {
    /// Iterations that are over, where a VU at work runs one.
    pub fn finished(&self) -> u64 {
        self.started.saturating_sub(self.active_vus.into())
    }
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
