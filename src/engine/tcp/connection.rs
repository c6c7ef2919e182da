//! One raw TCP connection of a script: dialled, run, and told about.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::observer::{Attempt, TcpConnectionObserver};
use super::outcome::Outcome;
use crate::clock::{self, Instant};
use crate::conversation::desk::Said;
use crate::conversation::framing::Framing;
use crate::conversation::message::{Kind, Message};
use crate::conversation::rules::Ruled;
use crate::engine::context::RunContext;
use crate::engine::conversation::common::Common;
use crate::engine::conversation::{Carrier, Conversation};
use crate::engine::framing::framed::{Framed, whole};
use crate::engine::measure::tcp::{TcpLabels, TcpSeries};
use crate::engine::runtime::event_loop::Runtime;
use crate::engine::runtime::mailbox::ReceiverId;
use crate::engine::runtime::shared::lock;
use crate::metrics::{Recorder, TagSet};
use crate::socket::dial::options::{Adjustment, SocketOptions};
use crate::socket::dial::phases::Reached;
use crate::socket::dial::target::Target;
use crate::socket::queue::{Origin, SendError};
use crate::socket::tcp::queue::{StartTls, TcpQueue};
use crate::socket::tcp::session::{self, TcpConfig};
use crate::socket::tls::TlsSettings;

/// Everything needed to connect.
#[derive(Debug)]
pub struct TcpConnect {
    /// Whom to dial.
    pub target: Target,
    /// What to trust, if TLS is asked for.
    pub tls: TlsSettings,
    /// How the socket is made.
    pub socket: SocketOptions,
    /// For resolve, connect and TLS together.
    pub timeout: Duration,
    /// Limits of the connection.
    pub config: TcpConfig,
    /// Bytes that may wait to be written.
    pub max_buffered: usize,
    /// The run that it is part of, if any.
    pub context: Option<Arc<RunContext>>,
    /// As what it is recorded; nothing outside a run.
    pub labels: Option<TcpLabels>,
    /// How its data is cut into messages, if it is.
    pub framing: Option<Arc<Framing>>,
    /// What it takes up of a connection that is gone: requests that wait, and rules.
    pub conversation: Option<Arc<Conversation>>,
}

/// A connection as the script's side holds it.
#[derive(Debug)]
pub struct TcpConnection {
    id: ReceiverId,
    queue: Arc<TcpQueue>,
    outcome: Arc<OnceLock<Outcome>>,
    framed: Option<Arc<Framed>>,
    common: Arc<Common<TcpSeries>>,
    /// Until the outcome is looked at: a handle keeps the memory of a task that has ended.
    dialling: Mutex<Option<tokio::task::AbortHandle>>,
}

impl TcpConnection {
    /// Begins to connect. Events go to `id`; the first is `Opened` or `Refused`.
    pub fn open(runtime: &Runtime, id: ReceiverId, mut connect: TcpConnect) -> Self {
        let queue = Arc::new(TcpQueue::new(connect.max_buffered));
        let outcome = Arc::new(OnceLock::new());
        let taken_up = connect.conversation.take();
        if let Some(conversation) = &taken_up {
            conversation.taken_up(id);
        }
        let common = Arc::new(Common::taking_up(taken_up));
        let shared = runtime.shared().clone();
        if connect.target.is_tls {
            shared.dialer.tls().follow_environment();
        }
        let framed = connect
            .framing
            .take()
            .map(|framing| Arc::new(Framed::new(framing)));
        if framed.is_some() {
            // A message that lies whole in what was read is not to be cut in two.
            connect.config.read_buffer_size = usize::MAX;
        }
        let attempt = Attempt {
            outcome: outcome.clone(),
            labels: connect.labels.take(),
            reached: Reached::new(&connect.target),
            framed: framed.clone(),
        };
        let observer =
            TcpConnectionObserver::new(shared, id, queue.clone(), attempt, common.clone());
        // Boxed: what is awaited is freed at its end, whoever has a handle of the task.
        let dialling = runtime.spawn(Box::pin(open(observer, connect)));
        Self {
            id,
            queue,
            outcome,
            framed,
            common,
            dialling: Mutex::new(dialling),
        }
    }

    /// Whom its events go to.
    pub fn id(&self) -> ReceiverId {
        self.id
    }

    /// How the dial ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        let outcome = self.outcome.get()?;
        *lock(&self.dialling) = None;
        Some(outcome)
    }

    /// Queues a write; it leaves at the next poll, together with what else is queued. `tags` are those of
    /// this write alone. One that is one message is measured, where that is wanted.
    ///
    /// Its number, and whether so much is queued that the caller should give the sockets a turn now.
    pub fn write(
        &self,
        runtime: &Runtime,
        data: &[u8],
        tags: Option<&TagSet>,
    ) -> Result<(u64, bool), SendError> {
        let queue = |origin| self.write_as(runtime, data, tags, origin);
        let conversation = self.common.conversation.get();
        let Some(conversation) = conversation.filter(|one| one.is_measuring()) else {
            return queue(Origin::Script);
        };
        let Some(framed) = &self.framed else {
            return conversation.send(&Message::new(Kind::Data, data), queue);
        };
        match framed.framing().only_message(data) {
            Some(message) => conversation.send(&Message::new(Kind::Data, &message), queue),
            None => queue(Origin::Script),
        }
    }

    fn write_as(
        &self,
        runtime: &Runtime,
        data: &[u8],
        tags: Option<&TagSet>,
        origin: Origin,
    ) -> Result<(u64, bool), SendError> {
        let (number, queued) = self.queue.write_as(data, origin)?;
        self.record(runtime, |series, recorder| match origin {
            Origin::Rule { .. } => series.answers_with(recorder),
            Origin::Script | Origin::Request(_) => series.wrote(recorder, tags),
        });
        if queued.is_first {
            runtime.mark_dirty(&self.queue);
        }
        Ok((number, queued.wants_turn))
    }

    /// Has requests and rules from now on.
    pub fn converse(&self) -> &Arc<Conversation> {
        self.common.conversation.get_or_init(|| {
            let series = self.common.series.get().map(TcpSeries::requests);
            let longest = self.framed.as_ref().map_or(0, |one| one.framing().max());
            Arc::new(Conversation::new(self.id, series, longest))
        })
    }

    /// Ends our side behind everything written.
    pub fn end(&self, runtime: &Runtime) -> bool {
        let is_first = self.queue.end();
        runtime.mark_dirty(&self.queue);
        is_first
    }

    /// Closes at once, or gives up the dial.
    pub fn destroy(&self, runtime: &Runtime) {
        self.queue.destroy();
        if let Some(conversation) = self.common.conversation.get() {
            let series = self.common.series.get();
            let is_cut = series.is_some_and(TcpSeries::is_cut);
            let undecided = conversation.give_up(runtime.shared(), is_cut);
            let now = clock::now();
            for bytes in undecided {
                self.received(runtime, now, bytes, None);
            }
        }
        if self.outcome.get().is_none()
            && let Some(dialling) = &*lock(&self.dialling)
        {
            dialling.abort();
        }
        runtime.mark_dirty(&self.queue);
    }

    /// How its data is cut into messages, if it is.
    pub fn framed(&self) -> Option<&Framed> {
        self.framed.as_deref()
    }

    /// Starts TLS behind everything written. False when that cannot be. Of `handed_out` messages the script has not
    /// been told yet, though they count as delivered.
    pub fn start_tls(&self, runtime: &Runtime, mut request: StartTls, handed_out: usize) -> bool {
        request.seen = self.framed.as_ref().map(|framed| {
            runtime.shared().post(|arrivals| {
                let undelivered = u64::from(arrivals.mailbox.undelivered(self.id));
                let unread = undelivered + handed_out as u64;
                framed.messages().saturating_sub(unread)
            })
        });
        runtime.shared().dialer.tls().follow_environment();
        let is_taken = self.queue.start_tls(request);
        // A flush does not look for it: the task does, which a flush wakes when writes are waiting.
        runtime.mark_dirty(&self.queue);
        is_taken
    }

    /// Changes options of the socket, now or as soon as it is open.
    pub fn adjust(&self, runtime: &Runtime, change: Adjustment) {
        self.queue.adjust(change);
        runtime.mark_dirty(&self.queue);
    }

    /// Lets nothing more be read from the peer, or again.
    pub fn pause_reading(&self, runtime: &Runtime, is_paused: bool) {
        self.queue.pause_reading(is_paused);
        runtime.mark_dirty(&self.queue);
    }

    /// The queue, for what it counts.
    pub fn queue(&self) -> &TcpQueue {
        &self.queue
    }

    /// Records something about this connection from the VU thread.
    pub fn record(&self, runtime: &Runtime, record: impl FnOnce(&TcpSeries, &mut Recorder)) {
        if let Some(series) = self.common.series.get() {
            runtime.shared().record(|recorder| record(series, recorder));
        }
    }
}

impl Carrier for TcpConnection {
    fn conversation(&self) -> &Arc<Conversation> {
        self.converse()
    }

    fn carry(
        &self,
        runtime: &Runtime,
        message: &Message<'_>,
        origin: Origin,
    ) -> Result<bool, SendError> {
        // Whoever carries has made sure that the framing can send it.
        let bytes = whole(self.framed.as_deref(), message).ok_or(SendError::NotOpen)?;
        let (_, wants_turn) = self.write_as(runtime, &bytes, None, origin)?;
        Ok(wants_turn)
    }

    fn answer(&self, runtime: &Runtime, said: &Said) -> bool {
        let message = Message::new(said.kind, &said.bytes);
        let by_script = said.by_script;
        let written = whole(self.framed.as_deref(), &message)
            .ok_or(SendError::Full)
            .and_then(|bytes| self.write_as(runtime, &bytes, None, Origin::Rule { by_script }));
        if written == Err(SendError::Full) {
            self.record(runtime, TcpSeries::not_answered);
        }
        written.is_ok_and(|(_, wants_turn)| wants_turn)
    }

    fn received(&self, runtime: &Runtime, at: Instant, _: usize, ruled: Option<Ruled>) {
        if self.framed.is_some() {
            self.record(runtime, |series, recorder| {
                series.decided(recorder, at, ruled);
            });
        }
    }
}

/// Dials, then leaves the connection to a task of its own that is small.
///
/// # Cancel safety
/// Dropped half-way, the observer reports the refusal and the stream closes.
async fn open(mut observer: TcpConnectionObserver, connect: TcpConnect) {
    let shared = observer.shared.clone();
    let Some(attempt) = observer.attempt() else {
        return;
    };
    let labels = attempt.labels.as_ref();
    let traffic = labels.map(|labels| labels.vu.traffic.clone());
    let traffic = traffic.unwrap_or_default();
    if connect.target.is_tls {
        let loading = Box::pin(shared.dialer.tls().prepare(&connect.tls));
        // Late: then the handshake says so, or loads them itself.
        let _ = tokio::time::timeout(connect.timeout, loading).await;
    }
    // From here on, and not from the call: what lies between is our own.
    attempt.reached = Reached::new(&connect.target);
    let reached = &mut attempt.reached;
    let dialer = &shared.dialer;
    let routes = connect.context.as_deref().map(RunContext::routes);
    let (target, tls, socket) = (&connect.target, &connect.tls, &connect.socket);
    // Boxed: the futures of a TLS handshake are large, and the session that follows is not.
    let dialling = Box::pin(dialer.dial(target, routes, tls, socket, traffic, reached));
    let result = match tokio::time::timeout(connect.timeout, dialling).await {
        Ok(result) => result,
        Err(_) => Err(reached.timed_out(connect.timeout)),
    };
    let spans = reached.spans();
    match result {
        Ok(stream) => {
            let ends = stream.counted().addresses();
            observer.dialled(spans, Outcome::Opened(ends));
            let queue = observer.queue.clone();
            let tls = dialer.tls().clone();
            tokio::spawn(session::drive(
                stream,
                &queue,
                observer,
                connect.config,
                tls,
            ));
        }
        Err(error) => observer.dialled(spans, Outcome::Refused(error)),
    }
}

#[cfg(test)]
mod tests;
