//! `k6ws._core.Recording`: a run as files of snapshots tell it, or whoever kept it while it lasted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

use super::convert::{error, to_python};
use crate::engine::run::Kept;
use crate::report::page::{MOST_BYTES, whole};
use crate::report::snapshot::{Read, Recording, SnapshotError, read};

/// A run that is over, or what is left of it.
#[pyclass(frozen, name = "Recording", module = "k6ws._core")]
pub(super) struct PyRecording {
    recording: Kept,
    troubles: Vec<String>,
}

/// Reads files of snapshots; several are those of one test.
#[pyfunction]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what Python gives is made anew"
)]
#[pyo3(signature = (paths, *, with_history=false))]
pub(super) fn read_snapshots(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    with_history: bool,
) -> PyResult<PyRecording> {
    let read = py.detach(|| read(&paths, with_history));
    let Read {
        recording,
        troubles,
    } = read.map_err(|refused| error(py, "K6Error", refused.to_string(), ""))?;
    let recording = Arc::new(Mutex::new(recording));
    Ok(PyRecording {
        recording,
        troubles,
    })
}

fn refused(py: Python<'_>, why: &SnapshotError) -> PyErr {
    error(py, "K6Error", why.to_string(), "")
}

impl PyRecording {
    /// What was kept of a run in this process.
    pub(super) fn of(recording: Kept) -> Self {
        Self {
            recording,
            troubles: Vec::new(),
        }
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.recording
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PyRecording {
    /// What is missing of each file whose end is.
    fn troubles(&self) -> Vec<String> {
        self.troubles.clone()
    }

    /// The data of its summary, whole, and what only Python knew.
    fn retold<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (data, told) = self.recording().retell().map_err(|why| refused(py, &why))?;
        let told = serde_json::to_value(told).unwrap_or_default();
        Ok((to_python(py, &data)?, to_python(py, &told)?))
    }

    /// What the page of it shows, as JSON.
    fn page(&self, py: Python<'_>) -> PyResult<String> {
        let page = py.detach(|| whole(&mut self.recording(), &self.troubles, MOST_BYTES));
        page.map_err(|why| refused(py, &why))
    }

    /// Every metric without a sample, by name, as the summary would have it.
    fn silent_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let silent = self.recording().silent_metrics();
        to_python(py, &silent)
    }
}
