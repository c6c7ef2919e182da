//! The outputs of a run that are open, and the task that feeds them; knows no run.

use tokio::task::AbortHandle;

use crate::output::Running;

/// What a run writes to.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) running: Vec<Running>,
    pub(super) feeder: Option<AbortHandle>,
}

impl Outputs {
    pub(super) fn stop_feeder(&mut self) {
        if let Some(feeder) = self.feeder.take() {
            feeder.abort();
        }
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        self.stop_feeder();
    }
}
