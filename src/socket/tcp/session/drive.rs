//! Who polls a connection: its own task when the socket is ready, and the driver of the runtime when the
//! script has queued something. The same as for a `WebSocket` session, and for the same reason.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use super::ration::Ration;
use super::{Session, TcpConfig, TcpFact, TcpObserver};
use crate::socket::arrival::Asked;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::queue::Flush;
use crate::socket::stream::Stream;
use crate::socket::tcp::queue::{Taken, TcpQueue};
use crate::socket::tls::TlsConfigs;

/// The task of a connection; ready when the stream is gone.
///
/// # Cancel safety
/// Dropping it closes the connection.
pub fn drive<O: TcpObserver + Send + 'static>(
    stream: Stream,
    queue: &Arc<TcpQueue>,
    observer: O,
    config: TcpConfig,
    tls: Arc<TlsConfigs>,
) -> impl Future<Output = ()> + Send + use<O> {
    let session = Session {
        ends: stream.counted().ends().into(),
        stream: Some(stream),
        upgrade: None,
        queue: queue.clone(),
        observer,
        config,
        tls,
        taken: Taken::default(),
        at: 0,
        next_end: 0,
        has_ended: false,
        asked: Asked::Nothing,
        farewell: None,
        is_over: false,
        is_paused: false,
        failure: None,
        task: None,
        stall: None,
        rate: config.recv_rate.map(|rate| Box::new(Ration::new(rate))),
    };
    let shared = Arc::new(Shared(Mutex::new(session)));
    let weak: Weak<Shared<O>> = Arc::downgrade(&shared);
    queue.attach(weak);
    poll_fn(move |cx| shared.lock().poll(cx))
}

struct Shared<O>(Mutex<Session<O>>);

impl<O> Shared<O> {
    fn lock(&self) -> MutexGuard<'_, Session<O>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<O: TcpObserver + Send> Flush for Shared<O> {
    fn flush(&self) {
        self.lock().flush();
    }
}

impl<O: TcpObserver> Session<O> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self
            .task
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()))
        {
            self.task = Some(cx.waker().clone());
        }
        if !self.is_over {
            self.write(cx);
        }
        if !self.is_over {
            self.upgrade(cx);
        }
        if !self.is_over {
            self.read(cx);
        }
        if !self.is_over && self.observer.has_answered() {
            self.write(cx);
        }
        if !self.is_over {
            self.part(cx);
        }
        if !self.is_over {
            return Poll::Pending;
        }
        self.finish(cx);
        Poll::Ready(())
    }

    /// Writes what is queued, on behalf of the task, which is polled only if something is left for it.
    fn flush(&mut self) {
        // Not polled yet: the task writes when it is.
        let Some(task) = self.task.clone() else {
            return;
        };
        if !self.is_over {
            self.write(&mut Context::from_waker(&task));
        }
        // What was paused for want of room is flushed when there is room again: the task reads on.
        let is_parting = self.is_over || self.farewell.is_some();
        if is_parting || self.is_paused || self.upgrade.is_some() || self.queue.wants_tls() {
            task.wake();
        }
    }

    fn finish(&mut self, cx: &mut Context<'_>) {
        if let Some(stream) = &mut self.stream {
            // Best effort: TLS says goodbye, TCP sends its FIN; the drop that follows closes either way.
            let _ = Pin::new(stream).poll_shutdown(cx);
        }
        let (writes, is_awaited) = self.queue.close();
        if is_awaited {
            // Whoever waits for room learns that there is none to wait for.
            self.observer.observe(TcpFact::Writable);
        }
        if writes > 0 {
            let begin = self
                .next_end
                .checked_sub(1)
                .map_or(0, |n| self.taken.ends[n]);
            let error = self.failure.take().unwrap_or_else(|| {
                let text = format!("write tcp {}: use of closed connection", self.ends);
                SocketError::new(Phase::Session, Cause::Io, text)
            });
            self.observer.observe(TcpFact::WriteFailed {
                writes,
                partial: self.at - begin,
                error,
            });
        }
        self.observer.observe(TcpFact::Ended);
    }
}
