//! Somebody else's file descriptor, watched for the script: asyncio's selector is one.
//!
//! Readiness becomes an event, once until the script asks again. So a descriptor that stays ready, or is
//! ready a million times while a handler runs, is one event.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::event_loop::Runtime;
use super::mailbox::{Event, EventKind, ReceiverId};
use super::shared::Shared;
use crate::clock;

/// A descriptor that is watched until this is dropped.
#[derive(Debug)]
pub struct Watched {
    is_told: Arc<AtomicBool>,
    task: Option<tokio::task::AbortHandle>,
}

impl Watched {
    /// Watches `fd`, which the caller duplicated for this, and posts [`EventKind::Readable`] to `receiver`.
    pub fn new(runtime: &Runtime, fd: OwnedFd, receiver: ReceiverId) -> std::io::Result<Self> {
        let fd = runtime.register(fd)?;
        let is_told = Arc::new(AtomicBool::new(false));
        let task = runtime.spawn(watch(
            fd,
            runtime.shared().clone(),
            is_told.clone(),
            receiver,
        ));
        Ok(Self { is_told, task })
    }

    /// The script looks at the descriptor next: tell it again after that.
    pub fn rearm(&self) {
        self.is_told.store(false, Ordering::SeqCst);
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// # Cancel safety
/// Dropping it closes the duplicate; nothing is lost.
async fn watch(
    fd: AsyncFd<OwnedFd>,
    shared: Arc<Shared>,
    is_told: Arc<AtomicBool>,
    receiver: ReceiverId,
) {
    // An error means that the runtime is going away.
    while let Ok(mut ready) = fd.ready(Interest::READABLE).await {
        ready.clear_ready();
        if !is_told.swap(true, Ordering::SeqCst) {
            shared.post(|arrivals| {
                arrivals
                    .mailbox
                    .push(Event::bare(receiver, EventKind::Readable, clock::now()));
            });
        }
    }
}
