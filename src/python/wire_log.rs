//! What passes on the first connections of a run, for `--ws-debug`.

use pyo3::prelude::*;

use super::run::PyRun;

/// Shows what passes on the first `connections` that the run makes.
#[pyfunction]
pub(super) fn log_wire(run: &PyRun, connections: u32) {
    run.context().show_connections(connections);
}

/// What was shown since the last call, line by line, and how many lines found no room.
#[pyfunction]
pub(super) fn wire_log_lines(run: &PyRun) -> (Vec<String>, u64) {
    run.context()
        .wire_log()
        .map(|log| log.take())
        .unwrap_or_default()
}
