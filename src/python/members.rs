//! What Python tells of VUs that begin and end with code of the script, or own what outlives their iterations; and
//! what a script does to its scenario and its run.

use pyo3::prelude::*;

use super::run::PyRun;

/// VUs of the scenario at a position begin with code of the script; said before the run begins.
#[pyfunction]
pub(super) fn vus_begin(run: &PyRun, scenario: usize) {
    run.run().vus_begin(scenario);
}

/// A VU has begun, or owns something: it is told to leave its scenario one day.
#[pyfunction]
pub(super) fn vu_entered(run: &PyRun, vu: u32) {
    run.run().vu_entered(vu);
}

/// A VU that was told `ENTER_SCENARIO` has begun, or was cut.
#[pyfunction]
pub(super) fn vu_ready(run: &PyRun, vu: u32) {
    run.run().vu_ready(run.runtime(), vu);
}

/// A VU could not begin; whether its scenario has no VU left.
#[pyfunction]
pub(super) fn vu_failed(run: &PyRun, vu: u32) -> bool {
    run.run().vu_failed(run.runtime(), vu)
}

/// A VU that was told `LEAVE_SCENARIO` has left, or was cut.
#[pyfunction]
pub(super) fn vu_left(run: &PyRun, vu: u32) {
    run.run().vu_left(run.runtime(), vu);
}

/// Has a scenario start nothing more, and what runs go on to its end.
#[pyfunction]
pub(super) fn end_scenario(run: &PyRun, name: &str) {
    run.run().end_scenario(run.runtime(), name);
}

/// Records an instant that the script names.
#[pyfunction]
pub(super) fn mark(run: &PyRun, name: &str) {
    run.run().mark(name);
}
