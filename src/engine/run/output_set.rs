//! The outputs of a run that are open, and the tasks that feed them; knows no run.

use std::sync::Arc;

use tokio::task::AbortHandle;

use super::snapshots::Snapshots;
use crate::output::Running;

/// What a run writes to.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) running: Vec<Running>,
    pub(super) feeder: Option<AbortHandle>,
    /// What the run says of itself, and the task that says it.
    pub(super) snapshots: Option<Arc<Snapshots>>,
    pub(super) teller: Option<AbortHandle>,
}

impl Outputs {
    /// Nothing is handed over or said any more, but by the end of the run itself.
    pub(super) fn stop_tasks(&mut self) {
        for task in [self.feeder.take(), self.teller.take()] {
            task.iter().for_each(AbortHandle::abort);
        }
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        self.stop_tasks();
    }
}
