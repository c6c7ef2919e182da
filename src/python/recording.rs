//! `k6ws._core.Recording`: a run as files of snapshots tell it, or whoever kept it while it lasted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;

use super::convert::{error, to_python};
use crate::engine::run::Kept;
use crate::report::TerminalState;
use crate::report::snapshot::{Recording, Told, read};

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
pub(super) fn read_snapshots(py: Python<'_>, paths: Vec<PathBuf>) -> PyResult<PyRecording> {
    let read = py.detach(|| read(&paths));
    let Told {
        recording,
        troubles,
    } = read.map_err(|refused| error(py, "K6Error", refused.to_string(), ""))?;
    let recording = Arc::new(Mutex::new(recording));
    Ok(PyRecording {
        recording,
        troubles,
    })
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

    /// What only Python knew, as JSON; nothing of a process that never said it.
    fn told(&self) -> Vec<Option<String>> {
        let recording = self.recording();
        recording.told().map(|one| one.map(str::to_owned)).collect()
    }

    /// When it was told last, in milliseconds since 1970.
    fn until(&self) -> f64 {
        self.recording().until()
    }

    /// What happened, in the schema of `handle_summary`.
    fn summary<'py>(
        &self,
        py: Python<'py>,
        no_color: bool,
        stdout_is_tty: bool,
        stderr_is_tty: bool,
        mode: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let terminal = TerminalState {
            no_color,
            stdout_is_tty,
            stderr_is_tty,
        };
        let data = self.recording().summary(terminal, mode == "full");
        to_python(py, &data)
    }

    /// Every metric without a sample, by name, as the summary would have it.
    fn silent_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let silent = self.recording().silent_metrics();
        to_python(py, &silent)
    }
}
