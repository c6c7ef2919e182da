//! tokio's runtime under a loop: how it is made, what becomes part of it, and how it goes.

use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::unix::AsyncFd;

use super::shared::{Shared, lock};
use crate::socket::reactor::Reactor;

/// Ready connections that are polled before a waiting script is looked at.
const READS_PER_BATCH: u32 = 256;
/// Whether the reactor keeps plain connections, unless the variable says otherwise: `1` for it, else a task each. For
/// tests, as long as both are to be compared.
const HAS_REACTOR: bool = false;
const REACTOR_VARIABLE: &str = "_K6WS_REACTOR";

/// Tokio's runtime, until the loop is closed; it must not wait for a name look-up that hangs when it goes.
#[derive(Debug)]
pub(super) struct Tokio(Mutex<Option<Arc<tokio::runtime::Runtime>>>);

impl Tokio {
    /// Whose other owner is the guardian.
    pub(super) fn new(runtime: Arc<tokio::runtime::Runtime>) -> Self {
        Self(Mutex::new(Some(runtime)))
    }

    /// Drives it until `future` is ready; at once where it is gone.
    pub(super) fn block_on(&self, future: impl Future<Output = ()>) {
        if let Some(runtime) = &*lock(&self.0) {
            runtime.block_on(future);
        }
    }

    /// Begins a task; where the runtime is gone it is dropped instead.
    pub(super) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Option<tokio::task::AbortHandle> {
        let runtime = lock(&self.0);
        Some(runtime.as_ref()?.spawn(task).abort_handle())
    }

    /// A descriptor that becomes part of it.
    pub(super) fn register(&self, fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
        let runtime = lock(&self.0);
        let runtime = runtime.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        register(runtime, fd)
    }

    /// Has the reactor keep plain connections from now on.
    pub(super) fn serve(&self, shared: &Shared) -> std::io::Result<()> {
        if let Some(runtime) = &*lock(&self.0) {
            let _entered = runtime.enter();
            let (reactor, until_closed) = Reactor::new()?;
            runtime.spawn(until_closed);
            // Set here alone.
            let _ = shared.reactor.set(reactor);
        }
        Ok(())
    }

    /// Drops every task. The guardian, the only other owner, is gone by now.
    pub(super) fn close(&self) {
        let runtime = lock(&self.0).take();
        if let Some(runtime) = runtime.and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Tokio {
    fn drop(&mut self) {
        self.close();
    }
}

/// Whether a new loop is to have a reactor.
pub(super) fn wants_reactor() -> bool {
    std::env::var(REACTOR_VARIABLE).map_or(HAS_REACTOR, |chosen| chosen == "1")
}

/// How the runtime is set up.
pub(super) fn builder() -> tokio::runtime::Builder {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_all()
        .event_interval(READS_PER_BATCH)
        .max_blocking_threads(16)
        .thread_name("k6ws-resolve")
        // Names are asked for now and then; nobody should find these threads later.
        .thread_keep_alive(Duration::from_secs(1));
    builder
}

pub(super) fn register(
    tokio: &tokio::runtime::Runtime,
    fd: OwnedFd,
) -> std::io::Result<AsyncFd<OwnedFd>> {
    let _entered = tokio.enter();
    // SAFETY: the descriptor is ours alone and `AsyncFd` owns it: it is closed only with it.
    #[expect(unsafe_code, reason = "tokio asks for this promise")]
    let registered = unsafe { AsyncFd::register(fd) };
    Ok(registered?)
}
