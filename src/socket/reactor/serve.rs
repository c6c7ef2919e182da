//! The task that serves a reactor: it waits for the poller, the next deadline, or work that somebody else made.
//!
//! tokio watches the descriptor of the poller, which it is told of at each change (edge-triggered): news that is left
//! in the poller is told by nobody. So the descriptor counts as ready until the poller, asked without waiting, had
//! nothing. Whoever drives the runtime next goes on where the last one let go, because all of it is in this task.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use mio::Events;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Sleep;

use super::Reactor;
use super::state::CONNECTIONS_PER_TURN;
use crate::clock;

/// A reactor, and the task that serves it. Call from within the runtime.
///
/// # Cancel safety
/// Dropping the task closes the reactor: every connection is dropped, and none is taken any more.
pub fn serve() -> io::Result<(Arc<Reactor>, impl Future<Output = ()> + Send)> {
    let poller = mio::Poll::new()?;
    let reactor = Arc::new(Reactor::new(poller.registry().try_clone()?));
    // SAFETY: `AsyncFd` owns the poller, which owns its descriptor and never changes it: it is closed only with it.
    #[expect(unsafe_code, reason = "tokio asks for this promise")]
    let poller = unsafe { AsyncFd::register_with_interest(poller, Interest::READABLE) }?;
    let mut waiting = Waiting {
        poller,
        events: Events::with_capacity(CONNECTIONS_PER_TURN),
        reactor: reactor.clone(),
    };
    let served = async move {
        let mut alarm = pin!(tokio::time::sleep_until(clock::now()));
        while poll_fn(|cx| waiting.poll(cx, alarm.as_mut())).await {
            waiting.reactor.turn(&waiting.events);
            // Whoever drives the runtime looks at what this brought, and other tasks have their turn.
            tokio::task::yield_now().await;
        }
    };
    Ok((reactor, served))
}

struct Waiting {
    poller: AsyncFd<mio::Poll>,
    /// What the poller told last.
    events: Events,
    reactor: Arc<Reactor>,
}

impl Waiting {
    /// Ready when there is something to do; false when there is nobody any more who tells.
    fn poll(&mut self, cx: &mut Context<'_>, alarm: Pin<&mut Sleep>) -> Poll<bool> {
        // First: whoever makes work from now on wakes this task.
        let outlook = self.reactor.outlook(cx.waker());
        self.events.clear();
        match self.poll_events(cx) {
            Poll::Ready(Ok(())) => return Poll::Ready(true),
            Poll::Ready(Err(_)) => return Poll::Ready(false),
            Poll::Pending if outlook.has_work => return Poll::Ready(true),
            Poll::Pending => {}
        }
        let Some(deadline) = outlook.deadline else {
            return Poll::Pending;
        };
        let mut alarm = alarm;
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        alarm.poll(cx).map(|()| true)
    }

    /// Ready with what the poller has to tell.
    fn poll_events(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Poll::Ready(ready) = self.poller.poll_read_ready_mut(cx) {
            let mut ready = ready?;
            let asked = ready
                .get_inner_mut()
                .poll(&mut self.events, Some(Duration::ZERO));
            match asked {
                Ok(()) if self.events.is_empty() => ready.clear_ready(),
                Ok(()) => return Poll::Ready(Ok(())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.reactor.close();
    }
}
