//! Keeps one stream that tokio watches: by a task when the stream is ready or time has come, and by the driver of the
//! runtime when the script has queued something.
//!
//! Writing straight from the driver saves a trip through the scheduler for each message, and lets what a
//! handler sent leave before the next messages are read. Both happen on the thread that drives the runtime,
//! so the lock between them is never waited for.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::ReadBuf;
use tokio::time::Sleep;

use super::session::ByteSession;
use super::turn::{self, ByteStream, Left, READ_SIZE};
use crate::clock::Instant;
use crate::socket::arrival::Arrivals;
use crate::socket::queue::{Flush, Keeper};

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
}

/// A session and its stream.
struct Kept<S, B> {
    stream: S,
    session: B,
    /// The task, to be polled again when a direct write leaves something to wait for.
    task: Option<Waker>,
    /// Goes off at the session's deadline.
    alarm: Option<Pin<Box<Sleep>>>,
}

struct Shared<S, B>(Mutex<Kept<S, B>>);

/// The task of a session; ready when the stream is gone. `early` is what was read of the stream before.
///
/// # Cancel safety
/// Dropping it drops the connection without a word.
pub fn keep<S, B>(stream: S, session: B, early: Vec<u8>) -> impl Future<Output = ()> + Send
where
    S: Arrivals + Send + 'static,
    B: ByteSession + 'static,
{
    let shared = Arc::new(Shared(Mutex::new(Kept {
        stream,
        session,
        task: None,
        alarm: None,
    })));
    let weak: Weak<Shared<S, B>> = Arc::downgrade(&shared);
    shared.lock().session.attach(Keeper::Task(weak));
    let mut early = Some(early).filter(|early| !early.is_empty());
    poll_fn(move |cx| {
        let mut kept = shared.lock();
        if let Some(mut early) = early.take() {
            kept.session.take_in(&mut early, None);
        }
        kept.poll(cx)
    })
}

impl<S, B> Shared<S, B> {
    fn lock(&self) -> MutexGuard<'_, Kept<S, B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S, B> Flush for Shared<S, B>
where
    S: Arrivals + Send,
    B: ByteSession,
{
    fn flush(&self) {
        self.lock().flush();
    }
}

impl<S: Arrivals, B: ByteSession> Kept<S, B> {
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
            let stream = &mut Polled(&mut self.stream, cx);
            let left =
                READ_BUFFER.with_borrow_mut(|buffer| turn::turn(stream, &mut self.session, buffer));
            match left {
                Left::Over => break,
                Left::More => cx.waker().wake_by_ref(),
                Left::Nothing => {}
            }
            ready!(self.poll_alarm(cx));
        }
        // Best effort: TLS says goodbye, TCP sends its FIN; the drop that follows closes either way.
        let _ = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.session.finish();
        Poll::Ready(())
    }

    /// Ready when the session wants to be looked at.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.session.deadline() else {
            self.alarm = None;
            return Poll::Pending;
        };
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        alarm.as_mut().poll(cx)
    }

    /// Writes what is queued, on behalf of the task, which is polled only if something is left to wait for.
    fn flush(&mut self) {
        // Not polled yet: the task writes when it is.
        let Some(task) = self.task.clone() else {
            return;
        };
        let before = self.session.deadline();
        let stream = &mut Polled(&mut self.stream, &mut Context::from_waker(&task));
        let left = turn::flush(stream, &mut self.session);
        // The alarm is the task's to set.
        if left == Left::More || self.session.deadline() != before {
            task.wake();
        }
    }
}

/// A stream of tokio's, asked on behalf of a task.
struct Polled<'a, 'b, 'c, S>(&'a mut S, &'b mut Context<'c>);

impl<S: Arrivals> ByteStream for Polled<'_, '_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut space = ReadBuf::new(buffer);
        ready!(Pin::new(&mut *self.0).poll_read(self.1, &mut space))?;
        Poll::Ready(Ok(space.filled().len()))
    }

    fn read_arrived(&mut self, buffer: &mut [u8]) -> Poll<io::Result<(usize, Option<Instant>)>> {
        let mut space = ReadBuf::new(buffer);
        let arrived = ready!(Pin::new(&mut *self.0).poll_read_arrived(self.1, &mut space))?;
        Poll::Ready(Ok((space.filled().len(), arrived)))
    }

    fn stamp_arrivals(&mut self) {
        self.0.stamp_arrivals();
    }

    fn write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(self.1, bytes)
    }

    fn is_drained(&self) -> bool {
        // Only a read that is pending leaves word with tokio.
        false
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        // TLS keeps records of its own; a plain stream has nothing to flush.
        Pin::new(&mut *self.0).poll_flush(self.1)
    }
}
