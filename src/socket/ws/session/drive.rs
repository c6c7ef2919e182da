//! Who polls a session: its own task when the socket is ready, and the driver of the runtime when the
//! script has queued something.
//!
//! Writing straight from the driver saves a trip through the scheduler for each message, and lets what a
//! handler sent leave before the next messages are read. Both happen on the thread that drives the runtime,
//! so the lock between them is never waited for.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Session, State};
use crate::socket::queue::Flush;
use crate::socket::ws::fact::{Fact, Observer};
use crate::socket::ws::outbox::Mark;

struct Shared<S, O>(Mutex<Session<S, O>>);

/// The task of a session; ready when the stream is gone.
///
/// # Cancel safety
/// Dropping it drops the connection without a Close frame.
pub fn drive<S, O>(session: Session<S, O>) -> impl Future<Output = ()> + Send
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    O: Observer + Send + 'static,
{
    let outbox = session.outbox.clone();
    let shared = Arc::new(Shared(Mutex::new(session)));
    let weak: Weak<Shared<S, O>> = Arc::downgrade(&shared);
    outbox.attach(weak);
    poll_fn(move |cx| shared.lock().poll(cx))
}

impl<S, O> Shared<S, O> {
    fn lock(&self) -> MutexGuard<'_, Session<S, O>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S, O> Flush for Shared<S, O>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    O: Observer + Send,
{
    fn flush(&self) {
        self.lock().flush();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, O: Observer> Session<S, O> {
    /// Does all that is possible now; ready when the stream is gone.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self
            .task
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()))
        {
            self.task = Some(cx.waker().clone());
        }
        loop {
            self.settle_violation(cx);
            self.keep_pace(cx);
            if self.state != State::Over {
                self.write(cx);
            }
            if self.state == State::Over {
                break;
            }
            self.read(cx);
            if !std::mem::take(&mut self.must_write) {
                break;
            }
        }
        self.give_up_late(cx);
        if self.state != State::Over {
            return Poll::Pending;
        }
        // Best effort: TLS says goodbye, TCP sends its FIN; the drop that follows closes either way.
        let _ = Pin::new(&mut self.stream).poll_shutdown(cx);
        let unwritten = self.frames.marks.iter().skip(self.next_mark);
        let unsent = unwritten
            .filter(|(_, mark)| matches!(mark, Mark::Message(_)))
            .count();
        let unsent = unsent + self.outbox.end();
        self.observer.observe(Fact::Ended { unsent });
        Poll::Ready(())
    }

    /// Writes what is queued, on behalf of the task, which is polled only if something is left to wait for.
    fn flush(&mut self) {
        // Not polled yet: the task writes when it is.
        let Some(task) = self.task.clone() else {
            return;
        };
        if self.state == State::Over {
            return;
        }
        let cx = &mut Context::from_waker(&task);
        self.settle_violation(cx);
        self.write(cx);
        // What was paused for want of room is flushed when there is room again: the task reads on.
        if self.state != State::Open || self.is_paused {
            task.wake();
        }
    }
}
