//! Where a run comes from, as its snapshots tell it.

use pyo3::prelude::*;

use super::convert::read_json;
use super::run::PyRun;

/// Has it told where the run comes from, which is given as JSON, without its secrets.
#[pyfunction]
pub(super) fn introduce(run: &PyRun, origin: &str) -> PyResult<()> {
    run.run().introduce(&read_json(origin)?);
    Ok(())
}
