//! One WebSocket connection of a script: dialled, upgraded, run, and told about.
//!
//! What happens to it is told by its [`ConnectionObserver`](super::observer::ConnectionObserver).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::handshake::{Handshake, Outcome};
use super::observer::{Attempt, ConnectionObserver};
use crate::clock::{self, Instant};
use crate::conversation::framing::Framing;
use crate::conversation::message::{Kind, Message};
use crate::engine::context::RunContext;
use crate::engine::conversation::common::Common;
use crate::engine::conversation::{Carrier, Conversation};
use crate::engine::framing::framed::Framed;
use crate::engine::measure::ws::{ConnectionLabels, ConnectionSeries};
use crate::engine::runtime::event_loop::Runtime;
use crate::engine::runtime::mailbox::ReceiverId;
use crate::engine::runtime::shared::lock;
use crate::metrics::Recorder;
use crate::socket::dial::dialer::Dialer;
use crate::socket::dial::options::SocketOptions;
use crate::socket::dial::phases::Reached;
use crate::socket::dial::target::Target;
use crate::socket::error::Phase;
use crate::socket::keeper::task::keep;
use crate::socket::queue::{Queued, SendError};
use crate::socket::stream::{Stream, Traffic};
use crate::socket::tls::TlsSettings;
use crate::socket::ws::deflate::Deflater;
use crate::socket::ws::frame::Opcode;
use crate::socket::ws::outbox::Outbox;
use crate::socket::ws::request::Request;
use crate::socket::ws::session::{Session, WsConfig};
use crate::socket::ws::upgrade::{self, Refused, Upgraded};
use crate::socket::ws::wire_log::{ConnectionLog, WireLog};

mod carrying;

/// Everything needed to connect.
#[derive(Debug)]
pub struct Connect {
    /// Whom to dial.
    pub target: Target,
    /// What to ask.
    pub request: Request,
    /// What to trust.
    pub tls: TlsSettings,
    /// How the socket is made.
    pub socket: SocketOptions,
    /// For resolve, connect, TLS and upgrade together.
    pub timeout: Duration,
    /// Limits of the session.
    pub config: WsConfig,
    /// How what is sent is compressed, where the server accepts that: zlib's level, and the smallest message.
    pub compression: (u32, usize),
    /// Bytes that may wait to be written.
    pub max_buffered: usize,
    /// The run that it is part of, if any.
    pub context: Option<Arc<RunContext>>,
    /// As what it is recorded; nothing outside a run.
    pub labels: Option<ConnectionLabels>,
    /// How what it receives is cut into messages, if not as the peer sends them.
    pub framing: Option<Arc<Framing>>,
    /// What it takes up of a connection that is gone: requests that wait, and rules.
    pub conversation: Option<Arc<Conversation>>,
}

/// A connection as the script's side holds it. While nothing happens on it, there is little else.
#[derive(Debug)]
pub struct Connection {
    id: ReceiverId,
    outbox: Arc<Outbox>,
    handshake: Arc<Handshake>,
    common: Arc<Common<ConnectionSeries>>,
    /// Where what is received is cut into messages; frames what is asked.
    framed: Option<Arc<Framed>>,
    max_message_size: usize,
    /// Until the outcome is taken: a handle keeps the memory of a task that has ended.
    dialling: Mutex<Option<tokio::task::AbortHandle>>,
}

impl Connection {
    /// Begins to connect. Events go to `id`; the first is `Opened` or `Refused`.
    pub fn open(runtime: &Runtime, id: ReceiverId, mut connect: Connect) -> Self {
        let outbox = Arc::new(Outbox::new(connect.max_buffered));
        let handshake = Arc::new(Handshake::default());
        let taken_up = connect.conversation.take();
        if let Some(conversation) = &taken_up {
            conversation.taken_up(id);
        }
        let common = Arc::new(Common::taking_up(taken_up));
        let shared = runtime.shared().clone();
        if connect.target.is_tls {
            shared.dialer.tls().follow_environment();
        }
        let attempt = Attempt {
            handshake: handshake.clone(),
            labels: connect.labels.take(),
            reached: Reached::new(&connect.target),
        };
        let max_message_size = connect.config.max_message_size;
        let framed = connect.framing.take();
        let framed = framed.map(|framing| Arc::new(Framed::new(framing)));
        let cut_by = framed.clone();
        let observer = ConnectionObserver::new(shared, id, outbox.clone(), attempt, common.clone())
            .cut_by(cut_by);
        // Boxed: what is awaited is freed at its end, whoever has a handle of the task.
        let dialling = runtime.spawn(Box::pin(open(observer, connect)));
        Self {
            id,
            outbox,
            handshake,
            common,
            framed,
            max_message_size,
            dialling: Mutex::new(dialling),
        }
    }

    /// Whom its events go to.
    pub fn id(&self) -> ReceiverId {
        self.id
    }

    /// How the handshake ended, once it has; the first time this is asked.
    pub fn take_outcome(&self) -> Option<Outcome> {
        let outcome = self.handshake.take()?;
        *lock(&self.dialling) = None;
        Some(outcome)
    }

    /// Queues a data message; it leaves at the next poll, together with what else is queued.
    ///
    /// True when so much is queued that the caller should give the sockets a turn now.
    pub fn send(&self, runtime: &Runtime, is_text: bool, data: &[u8]) -> Result<bool, SendError> {
        let opcode = if is_text {
            Opcode::Text
        } else {
            Opcode::Binary
        };
        // What is sent so has its frame already, and is no request.
        if self.framed.is_none()
            && let Some(conversation) = self.common.conversation.get()
        {
            let kind = if is_text { Kind::Text } else { Kind::Binary };
            let message = Message::new(kind, data);
            return conversation.send(&message, |origin| self.carry(runtime, &message, origin));
        }
        let queued = self.outbox.send(opcode, data)?;
        Ok(self.queued(runtime, queued))
    }

    /// Queues a ping; as [`Connection::send`].
    pub fn ping(&self, runtime: &Runtime) -> Result<bool, SendError> {
        let queued = self.outbox.ping()?;
        Ok(self.queued(runtime, queued))
    }

    /// Begins the closing handshake behind everything queued; gives up the dial if it is not over.
    pub fn close(&self, runtime: &Runtime, code: u16, reason: &str, patience: Duration) -> bool {
        let is_first = self.outbox.close(code, reason, patience);
        // A dial that is over cannot be given up any more: then this does nothing.
        if let Some(dialling) = &*lock(&self.dialling) {
            dialling.abort();
        }
        runtime.mark_dirty(&self.outbox);
        is_first
    }

    /// As [`Connection::close`] for a connection that nobody waits for any more: it is over after `patience`, also
    /// where a Close is under way already.
    pub fn cut(&self, runtime: &Runtime, code: u16, patience: Duration) {
        self.outbox.cut(code, patience);
        if let Some(conversation) = self.common.conversation.get() {
            let is_cut = self
                .common
                .series
                .get()
                .is_some_and(ConnectionSeries::is_cut);
            let undecided = conversation.give_up(runtime.shared(), is_cut);
            let now = clock::now();
            for bytes in undecided {
                self.received(runtime, now, bytes, None);
            }
        }
        self.close(runtime, code, "", patience);
    }

    /// Lets nothing more be read from the peer, or again.
    pub fn pause_reading(&self, runtime: &Runtime, is_paused: bool) {
        self.outbox.pause_reading(is_paused);
        runtime.mark_dirty(&self.outbox);
    }

    /// A message of this connection was handed out and no handler will be given it.
    pub fn dropped(&self, runtime: &Runtime) {
        if let Some(series) = self.common.series.get() {
            runtime
                .shared()
                .post(|arrivals| series.dropped(&mut arrivals.recorder));
        }
    }

    /// Records something about this connection from the VU thread.
    pub fn record(&self, runtime: &Runtime, record: impl FnOnce(&ConnectionSeries, &mut Recorder)) {
        if let Some(series) = self.common.series.get() {
            runtime.shared().record(|recorder| record(series, recorder));
        }
    }

    /// Payload bytes of the data messages that wait to be written.
    pub fn buffered_payload(&self) -> usize {
        self.outbox.buffered_payload()
    }

    /// Has requests and rules from now on.
    pub fn converse(&self) -> &Arc<Conversation> {
        self.common.conversation.get_or_init(|| {
            let series = self.common.series.get().map(ConnectionSeries::requests);
            Arc::new(Conversation::new(self.id, series, self.longest_message()))
        })
    }

    fn queued(&self, runtime: &Runtime, queued: Queued) -> bool {
        if queued.is_first {
            runtime.mark_dirty(&self.outbox);
        }
        queued.wants_turn
    }
}

/// Dials and upgrades, then leaves the connection to a task of its own that is small.
///
/// # Cancel safety
/// Dropped half-way, the observer counts the attempt as cut and reports it, and the stream closes.
async fn open(mut observer: ConnectionObserver, connect: Connect) {
    let shared = observer.shared().clone();
    let Some(attempt) = observer.attempt() else {
        return;
    };
    let labels = attempt.labels.as_ref();
    let traffic = labels.map(|labels| labels.vu.traffic.clone());
    let context = connect.context.as_deref();
    let wire_log = context.and_then(RunContext::wire_log);
    let wire_log = wire_log.and_then(WireLog::connection);
    if let Some(log) = &wire_log {
        log.note(&format!("to {}", connect.target));
    }
    if connect.target.is_tls {
        let loading = Box::pin(shared.dialer.tls().prepare(&connect.tls));
        // Late: then the handshake says so, or loads them itself.
        let _ = tokio::time::timeout(connect.timeout, loading).await;
    }
    // From here on, and not from the call: what lies between is our own.
    attempt.reached = Reached::new(&connect.target);
    let reached = &mut attempt.reached;
    let by = clock::now() + connect.timeout;
    // Boxed: the futures of a TLS handshake are large, and the session that follows is not.
    let dialled = Box::pin(dial_and_upgrade(
        &shared.dialer,
        &connect,
        traffic.unwrap_or_default(),
        reached,
        wire_log.as_ref(),
        by,
    ));
    let result = match tokio::time::timeout_at(by, dialled).await {
        Ok(result) => result,
        Err(_) => Err(reached.timed_out(connect.timeout).into()),
    };
    let spans = match &result {
        Err(Refused {
            ended: Some(end), ..
        }) => reached.spans_until(*end),
        _ => reached.spans(),
    };
    match result {
        Ok((stream, upgraded)) => {
            let Upgraded {
                answer,
                early,
                compression,
            } = upgraded;
            let ip = reached.resolved.map(|ip| ip.to_string());
            let ends = std::mem::take(&mut reached.ends);
            let outbox = observer.outbox().clone();
            let mut config = connect.config;
            // Before the script is told, which may send at once.
            if let Some(agreement) = compression {
                let (level, threshold) = connect.compression;
                outbox.compress(Deflater::new(agreement.ours, level, threshold));
                config.inflate = Some(agreement.theirs);
            }
            observer.opened(&spans, answer, ip.as_deref());
            let session = Session::new(&ends, outbox, observer, config).shown_in(wire_log);
            match (stream, shared.reactor.get()) {
                (Stream::Plain(counted), Some(reactor)) => {
                    reactor.adopt(counted, session, early);
                }
                (stream, _) => drop(tokio::spawn(keep(stream, session, early))),
            }
        }
        Err(refused) => {
            if let Some(log) = &wire_log {
                log.note(&format!(
                    "not made: {} ({})",
                    refused.error, refused.error.hint
                ));
            }
            observer.refused(&spans, refused);
        }
    }
}

async fn dial_and_upgrade(
    dialer: &Dialer,
    connect: &Connect,
    traffic: Arc<Traffic>,
    reached: &mut Reached,
    wire_log: Option<&ConnectionLog>,
    by: Instant,
) -> Result<(Stream, Upgraded), Refused> {
    let mut stream = dialer
        .dial(
            &connect.target,
            connect.context.as_deref().map(RunContext::routes),
            &connect.tls,
            &connect.socket,
            traffic,
            reached,
        )
        .await?;
    reached.enter(Phase::Upgrade);
    let limit = connect.socket.patience.upgrade;
    let by = limit.map_or(by, |limit| by.min(clock::now() + limit));
    let upgrade = upgrade::upgrade(&mut stream, &connect.request, &reached.ends, wire_log, by);
    let upgrade = Box::pin(upgrade);
    let upgraded = reached.within(limit, upgrade).await;
    let is_tls = connect.target.is_tls;
    let upgraded = upgraded.map_err(|refused| refused.with_hint_of_tls(is_tls))?;
    Ok((stream, upgraded))
}

#[cfg(test)]
mod tests;
