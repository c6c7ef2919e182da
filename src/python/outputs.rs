//! Outputs for Python: what `--out` says, opened before a run and finished after it.

use std::time::Duration;

use pyo3::prelude::*;

use super::convert::error;
use super::dashboard::PyDashboard;
use crate::clock::{self, Instant};
use crate::engine::Runtime;
use crate::engine::run::{Kept, Run, keeper, output_deadline};
use crate::output::{Opened, OutputError, SnapshotFile};

/// Opens the outputs of a run.
pub(super) fn open(py: Python<'_>, run: &Run, texts: Vec<String>) -> PyResult<Opened> {
    let env = |name: &str| std::env::var(name).ok();
    let opened = crate::output::open(texts, &env, &run.output_settings());
    opened.map_err(|refused| {
        let text = refused.to_string();
        match refused {
            // k6 ends with 255 here, not with the code of a wrong option.
            OutputError::Unknown { name } => {
                let hint = match &*name {
                    "web-dashboard" => {
                        "--dashboard shows a run while it lasts, --report FILE.html afterwards"
                    }
                    _ => "for example json=samples.json",
                };
                error(py, "K6Error", text, hint)
            }
            OutputError::Argument { .. } | OutputError::Target { .. } => {
                error(py, "OptionsError", text, "")
            }
        }
    })
}

/// Has a run told to files, and kept in this process where that is wanted, or where it is shown.
pub(super) fn tell(
    run: &Run,
    runtime: &Runtime,
    files: Vec<SnapshotFile>,
    is_kept: bool,
    dashboard: Option<&PyDashboard>,
) -> std::io::Result<Option<Kept>> {
    let mut listeners = Vec::with_capacity(files.len() + 1);
    for file in files {
        listeners.push(file.start()?);
    }
    let mut kept = None;
    if is_kept || dashboard.is_some() {
        let (listener, recording) = keeper(dashboard.map(|one| one.feed().clone()))?;
        listeners.push(listener);
        kept = Some(recording);
    }
    run.tell(runtime, listeners);
    Ok(kept)
}

/// Waits until everything is written or the time for it is up. Signals are handled meanwhile.
pub(super) fn finish(py: Python<'_>, run: &Run) -> PyResult<u64> {
    let interrupted = wait(py, |until| run.wait_for_outputs(until));
    let lost = py.detach(|| run.settle_outputs());
    interrupted.map(|()| lost)
}

/// Says the last of a run, which is over, and waits until it is written or the time for it is up.
pub(super) fn finish_snapshots(py: Python<'_>, run: &Run) -> PyResult<u64> {
    py.detach(|| run.end_snapshots());
    let interrupted = wait(py, |until| run.wait_for_snapshots(until));
    let lost = py.detach(|| run.settle_snapshots());
    interrupted.map(|()| lost)
}

/// Waits up to the deadline of outputs. Signals are handled meanwhile.
fn wait(py: Python<'_>, wait: impl Fn(Instant) -> bool + Sync) -> PyResult<()> {
    let deadline = output_deadline();
    let mut interrupted = Ok(());
    while interrupted.is_ok() && clock::now() < deadline {
        let until = deadline.min(clock::now() + SIGNALS);
        if py.detach(|| wait(until)) {
            break;
        }
        interrupted = py.check_signals();
    }
    interrupted
}

/// Splits what an environment variable says into outputs.
#[pyfunction]
pub(super) fn split_outputs(text: &str) -> Vec<String> {
    crate::output::split(text)
}

/// How long a signal waits at most.
const SIGNALS: Duration = Duration::from_millis(100);
