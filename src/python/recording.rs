//! `k6ws._core.Recording`: a run as files of snapshots tell it, or whoever kept it while it lasted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::Value;

use super::convert::{error, to_python};
use crate::engine::run::{Kept, Run};
use crate::report::page::{MOST_BYTES, whole};
use crate::report::snapshot::{Recording, SnapshotError, read};
use crate::report::{Told, document};

/// A run that is over, or what is left of it.
#[pyclass(frozen, name = "Recording", module = "k6ws._core")]
pub(super) struct PyRecording {
    recording: Kept,
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
    let recording = read.map_err(|refused| error(py, "K6Error", refused.to_string(), ""))?;
    Ok(PyRecording {
        recording: Arc::new(Mutex::new(recording)),
    })
}

/// The data of a summary, with what only Python knows, as JSON, where that is `told`; and then the document of it.
pub(super) fn completed<'py>(
    py: Python<'py>,
    mut data: Value,
    told: Option<&str>,
) -> PyResult<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>)> {
    let Some(told) = told else {
        return Ok((to_python(py, &data)?, None));
    };
    let told = read_told(told)?;
    told.set_into(&mut data);
    let given = to_python(py, &data)?;
    let document = document(data, &told, env!("CARGO_PKG_VERSION"));
    Ok((given, Some(to_python(py, &document)?)))
}

/// Has told what only Python knows, which is given as JSON.
pub(super) fn add_to_snapshots(run: &Run, told: &str) -> PyResult<()> {
    run.add_to_snapshots(&read_told(told)?);
    Ok(())
}

fn read_told(told: &str) -> PyResult<Told> {
    Told::read(told).map_err(|refused| PyValueError::new_err(refused.to_string()))
}

fn refused(py: Python<'_>, why: &SnapshotError) -> PyErr {
    error(py, "K6Error", why.to_string(), "")
}

impl PyRecording {
    /// What was kept of a run in this process.
    pub(super) fn of(recording: Kept) -> Self {
        Self { recording }
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
    fn troubles(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.recording().troubles().to_vec())
    }

    /// The document of its summary.
    fn document<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // Whoever keeps it may be at work.
        let document = py.detach(|| {
            let mut recording = self.recording();
            let (data, told) = recording.retell()?;
            let tool = recording.opening().map_or("", |opening| &*opening.tool);
            Ok::<_, SnapshotError>(document(data, &told, tool))
        });
        to_python(py, &document.map_err(|why| refused(py, &why))?)
    }

    /// What the page of it shows, as JSON; with the last word of the side of the script, where that is `told` anew.
    #[pyo3(signature = (told=None))]
    fn page(&self, py: Python<'_>, told: Option<String>) -> PyResult<String> {
        let page = py.detach(|| {
            let mut recording = self.recording();
            if let Some(told) = told {
                recording.tell_anew(told);
            }
            whole(&mut recording, MOST_BYTES)
        });
        page.map_err(|why| refused(py, &why))
    }

    /// Every metric without a sample, by name, as the summary would have it.
    fn silent_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let silent = py.detach(|| self.recording().numbers().silent_metrics());
        to_python(py, &silent)
    }

    /// Every series with its figures, and the numbers of those that a threshold's part of a metric has.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = py.detach(|| self.recording().numbers().rows());
        to_python(py, &rows)
    }
}
