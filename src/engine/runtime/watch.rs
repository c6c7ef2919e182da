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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::event::{EventfdFlags, eventfd};

    use super::*;

    /// How many events the loop has within a moment, each of them for this receiver.
    fn told(runtime: &Runtime, clock: &tokio::runtime::Handle) -> usize {
        let _entered = clock.enter();
        let events = runtime.poll(Some(Duration::from_millis(10)));
        let handed = runtime.hand_out(|event, _| {
            assert_eq!((event.kind, event.receiver), (EventKind::Readable, 5));
            Ok::<(), ()>(())
        });
        handed.unwrap();
        events
    }

    fn ring(fd: &OwnedFd) {
        rustix::io::write(fd, &1_u64.to_ne_bytes()).unwrap();
    }

    fn watched() -> (Runtime, tokio::runtime::Handle, OwnedFd, Watched) {
        let (runtime, clock) = Runtime::paused();
        let flags = EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC;
        let fd = eventfd(0, flags).unwrap();
        let watched = Watched::new(&runtime, fd.try_clone().unwrap(), 5).unwrap();
        (runtime, clock, fd, watched)
    }

    #[test]
    fn a_descriptor_that_is_ready_again_and_again_is_one_event_until_the_script_asks() {
        let (runtime, clock, fd, watched) = watched();
        assert_eq!(told(&runtime, &clock), 0, "it is not ready yet");
        ring(&fd);
        assert_eq!(told(&runtime, &clock), 1);
        for _ in 0..3 {
            ring(&fd);
            assert_eq!(told(&runtime, &clock), 0);
        }
        watched.rearm();
        assert_eq!(told(&runtime, &clock), 0, "nothing new since it looked");
        ring(&fd);
        assert_eq!(told(&runtime, &clock), 1);
    }

    #[test]
    fn one_that_is_watched_no_longer_is_not_told_of() {
        let (runtime, clock, fd, watched) = watched();
        assert_eq!(told(&runtime, &clock), 0);
        drop(watched);
        ring(&fd);
        assert_eq!(told(&runtime, &clock), 0);
    }

    #[test]
    fn a_loop_that_is_closed_watches_nothing() {
        let (runtime, _, fd, watched) = watched();
        runtime.close(Duration::ZERO);
        let refused = Watched::new(&runtime, fd.try_clone().unwrap(), 5);
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
        drop(watched);
    }
}
