//! What a run gives to each of its connections, and nothing of what it keeps for itself.

use std::sync::{Arc, OnceLock};

use super::measure::RunMetrics;
use crate::socket::dial::routes::Routes;
use crate::socket::tls::RunTls;
use crate::socket::ws::wire_log::WireLog;

/// The surroundings of a run's connections: its numbers, its network, its TLS, its wire log.
#[derive(Debug)]
pub struct RunContext {
    metrics: Arc<RunMetrics>,
    routes: Routes,
    tls: RunTls,
    wire_log: OnceLock<Arc<WireLog>>,
}

impl RunContext {
    /// Nothing was connected yet, and nobody wants to see what passes.
    pub fn new(metrics: Arc<RunMetrics>, routes: Routes, tls: RunTls) -> Self {
        Self {
            metrics,
            routes,
            tls,
            wire_log: OnceLock::new(),
        }
    }

    /// Where samples are recorded.
    pub fn metrics(&self) -> &Arc<RunMetrics> {
        &self.metrics
    }

    /// The ways to targets.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// What the run says of TLS.
    pub fn tls(&self) -> &RunTls {
        &self.tls
    }

    /// Shows what passes on the first `connections` that are made from now on.
    pub fn show_connections(&self, connections: u32) {
        // Asked for once, before the run.
        let _ = self.wire_log.set(Arc::new(WireLog::new(connections)));
    }

    /// What was shown, if anybody wants to see it.
    pub fn wire_log(&self) -> Option<&Arc<WireLog>> {
        self.wire_log.get()
    }
}
