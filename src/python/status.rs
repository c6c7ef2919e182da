//! What `k6ws.execution` asks: `ScenarioStatus` and `InstanceStatus`.

use pyo3::prelude::*;

use crate::engine::run::{InstanceStatus, ScenarioStatus};

/// How far a scenario is.
#[pyclass(frozen, get_all, name = "ScenarioStatus", module = "k6ws._core")]
pub(super) struct PyScenarioStatus {
    executor: &'static str,
    start_time: f64,
    progress: f64,
}

impl From<ScenarioStatus> for PyScenarioStatus {
    fn from(status: ScenarioStatus) -> Self {
        let ScenarioStatus {
            executor,
            start_time,
            progress,
        } = status;
        Self {
            executor,
            start_time,
            progress,
        }
    }
}

/// How far this process is.
#[pyclass(frozen, get_all, name = "InstanceStatus", module = "k6ws._core")]
pub(super) struct PyInstanceStatus {
    iterations_completed: u64,
    iterations_interrupted: u64,
    vus_active: u32,
    vus_initialized: usize,
    test_run_duration: f64,
}

impl From<InstanceStatus> for PyInstanceStatus {
    fn from(status: InstanceStatus) -> Self {
        let InstanceStatus {
            iterations_completed,
            iterations_interrupted,
            vus_active,
            vus_initialized,
            test_run_duration,
        } = status;
        Self {
            iterations_completed,
            iterations_interrupted,
            vus_active,
            vus_initialized,
            test_run_duration,
        }
    }
}
