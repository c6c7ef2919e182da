//! One WebSocket connection of a script: dialled, upgraded, run, and told about.
//!
//! Facts of the socket become events in the mailbox and samples in the driver's recorder. Whatever
//! happens, a panic included, the last thing a connection tells is [`EventKind::Refused`] or
//! [`EventKind::Ended`]: nobody waits for ever.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::inbox::Shared;
use super::mailbox::{Event, EventKind, Payload, Target};
use super::measure::{ConnectionMeter, Meter};
use super::runtime::{CORK_LIMIT, Runtime};
use crate::clock::{self, Instant};
use crate::socket::close::{self, CloseStatus};
use crate::socket::dial::{self, Reached};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::fact::{Fact, Observer};
use crate::socket::frame::Opcode;
use crate::socket::outbox::{Outbox, Queued, SendError};
use crate::socket::request::Request;
use crate::socket::stream::{Stream, Traffic};
use crate::socket::tls::TlsSettings;
use crate::socket::upgrade::{self, Answer, Refused};
use crate::socket::ws::{self, Session, WsConfig};

/// Everything needed to connect.
#[derive(Debug)]
pub struct Connect {
    /// Whom to dial.
    pub target: dial::Target,
    /// What to ask.
    pub request: Request,
    /// What to trust.
    pub tls: TlsSettings,
    /// For resolve, connect, TLS and upgrade together.
    pub timeout: Duration,
    /// Limits of the session.
    pub config: WsConfig,
    /// Bytes that may wait to be written.
    pub max_buffered: usize,
    /// Who measures it; none outside a run.
    pub meter: Option<Meter>,
}

/// How the handshake ended.
#[derive(Debug)]
pub enum Outcome {
    /// The session is open.
    Opened(Answer),
    /// There is no session.
    Refused(Refused),
}

/// A connection as the script's side holds it.
#[derive(Debug)]
pub struct Connection {
    id: Target,
    outbox: Arc<Outbox>,
    outcome: Arc<OnceLock<Outcome>>,
    /// Set when the handshake has ended, in a run.
    meter: Arc<OnceLock<ConnectionMeter>>,
    dialling: tokio::task::AbortHandle,
}

impl Connection {
    /// Begins to connect. Events go to `id`; the first is `Opened` or `Refused`.
    pub fn open(runtime: &Runtime, id: Target, connect: Connect) -> Self {
        let outbox = Arc::new(Outbox::new(connect.max_buffered));
        let outcome = Arc::new(OnceLock::new());
        let meter = Arc::new(OnceLock::new());
        let teller = Teller {
            shared: runtime.shared().clone(),
            id,
            outbox: outbox.clone(),
            meter: None,
            shared_meter: meter.clone(),
            is_full: false,
            is_closing: false,
            outcome: Some(outcome.clone()),
            is_settled: false,
        };
        runtime.shared().post(|inbox| inbox.mailbox.open(id));
        runtime.shared().connections.fetch_add(1, Ordering::Relaxed);
        let dialling = runtime.spawn(open(teller, connect));
        Self {
            id,
            outbox,
            outcome,
            meter,
            dialling,
        }
    }

    /// Whom its events go to.
    pub fn id(&self) -> Target {
        self.id
    }

    /// How the handshake ended, once it has.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
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
        if self.outcome.get().is_none() {
            self.dialling.abort();
        }
        runtime.mark_dirty(&self.outbox);
        is_first
    }

    /// A message of this connection was handed out and no handler will be given it.
    pub fn dropped(&self, runtime: &Runtime) {
        if let Some(meter) = self.meter.get() {
            runtime
                .shared()
                .post(|inbox| meter.dropped(&mut inbox.recorder));
        }
    }

    /// Bytes waiting to be written.
    pub fn buffered(&self) -> usize {
        self.outbox.buffered()
    }

    fn queued(&self, runtime: &Runtime, queued: Queued) -> bool {
        if queued.is_first {
            runtime.mark_dirty(&self.outbox);
        }
        queued.waiting > CORK_LIMIT
    }
}

/// Dials and upgrades, then leaves the connection to a task of its own that is small.
///
/// # Cancel safety
/// Dropped half-way, the teller reports the refusal and the stream closes.
async fn open(mut teller: Teller, connect: Connect) {
    let started = clock::now();
    let traffic = connect
        .meter
        .as_ref()
        .map(|meter| meter.vu.traffic.clone())
        .unwrap_or_default();
    let mut reached = Reached::new(&connect.target);
    // Boxed: the futures of a TLS handshake are large, and the session that follows is not.
    let dialled = Box::pin(dial_and_upgrade(
        &teller.shared.dialer,
        &connect,
        traffic,
        &mut reached,
    ));
    let result = match tokio::time::timeout(connect.timeout, dialled).await {
        Ok(result) => result,
        Err(_) => Err(reached.timed_out().into()),
    };
    let now = clock::now();
    match result {
        Ok((stream, answer, early)) => {
            let ip = stream
                .tcp()
                .peer_addr()
                .map(|address| address.ip().to_string())
                .ok();
            let ends = stream.ends();
            teller.opened(connect.meter.as_ref(), started, now, answer, ip.as_deref());
            let outbox = teller.outbox.clone();
            let session = Session::new(stream, &ends, early, outbox, teller, connect.config);
            tokio::spawn(ws::drive(session));
        }
        Err(refused) => teller.refused(connect.meter.as_ref(), started, now, refused),
    }
}

async fn dial_and_upgrade(
    dialer: &dial::Dialer,
    connect: &Connect,
    traffic: Arc<Traffic>,
    reached: &mut Reached,
) -> Result<(Stream, Answer, Vec<u8>), Refused> {
    let mut stream = dialer
        .dial(&connect.target, &connect.tls, traffic, reached)
        .await?;
    reached.phase = Phase::Upgrade;
    let ends = reached.ends.clone();
    let (answer, early) = upgrade::upgrade(&mut stream, &connect.request, &ends).await?;
    Ok((stream, answer, early))
}

/// Turns what happens to one connection into events and samples.
struct Teller {
    shared: Arc<Shared>,
    id: Target,
    outbox: Arc<Outbox>,
    meter: Option<ConnectionMeter>,
    /// Where the meter is left for the script's side.
    shared_meter: Arc<OnceLock<ConnectionMeter>>,
    is_full: bool,
    /// The script closed the connection, perhaps because its VU was cut.
    is_closing: bool,
    /// Until the handshake has ended.
    outcome: Option<Arc<OnceLock<Outcome>>>,
    /// The last event was told.
    is_settled: bool,
}

impl Teller {
    fn opened(
        &mut self,
        meter: Option<&Meter>,
        started: Instant,
        now: Instant,
        answer: Answer,
        ip: Option<&str>,
    ) {
        self.handshake(meter, started, now, Some(&answer), ip);
        self.settle_handshake(Outcome::Opened(answer));
        self.tell(EventKind::Opened, Payload::None, now);
    }

    fn refused(&mut self, meter: Option<&Meter>, started: Instant, now: Instant, refused: Refused) {
        self.handshake(meter, started, now, refused.answer.as_ref(), None);
        if let Some(meter) = meter.filter(|meter| !meter.vu.is_cut()) {
            meter.metering.refused(refused.error.cause.as_str());
        }
        self.settle_handshake(Outcome::Refused(refused));
        self.is_settled = true;
        self.outbox.close(close::ABNORMAL, "", Duration::ZERO);
        self.shared.post(|inbox| {
            if let Some(meter) = &self.meter {
                meter.ended(&mut inbox.recorder, now);
            }
            inbox
                .mailbox
                .push(Event::bare(self.id, EventKind::Refused, now));
        });
    }

    fn handshake(
        &mut self,
        meter: Option<&Meter>,
        started: Instant,
        now: Instant,
        answer: Option<&Answer>,
        ip: Option<&str>,
    ) {
        let Some(meter) = meter else { return };
        let series = self.shared.post(|inbox| {
            let recorder = &mut inbox.recorder;
            ConnectionMeter::handshake_ended(meter, recorder, started, now, answer, ip)
        });
        // Set here alone, and once.
        let _ = self.shared_meter.set(series.clone());
        self.meter = Some(series);
    }

    /// Who measures this connection now. The VU is only looked at once it may have been cut: it lies
    /// elsewhere in memory, and this is asked for every message.
    fn meter(&self) -> Option<&ConnectionMeter> {
        self.meter
            .as_ref()
            .filter(|meter| !(self.is_closing && meter.is_cut()))
    }

    fn settle_handshake(&mut self, outcome: Outcome) {
        if let Some(slot) = self.outcome.take() {
            // Only the teller sets it, and only once.
            let _ = slot.set(outcome);
        }
    }

    fn tell(&self, kind: EventKind, payload: Payload, at: Instant) {
        self.shared.post(|inbox| {
            inbox.mailbox.push(Event {
                target: self.id,
                kind,
                payload,
                at,
            });
        });
    }

    fn message(&mut self, kind: EventKind, data: std::borrow::Cow<'_, [u8]>, at: Instant) {
        let has_room = self.shared.post(|inbox| {
            if let Some(meter) = self.meter() {
                meter.received(&mut inbox.recorder);
            }
            inbox.mailbox.push_message(self.id, kind, data, at)
        });
        self.is_full = !has_room;
    }
}

impl Observer for Teller {
    fn observe(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Text(data, at) => self.message(EventKind::Text, data, at),
            Fact::Binary(data, at) => self.message(EventKind::Binary, data, at),
            Fact::Ping(at) => self.tell(EventKind::Ping, Payload::None, at),
            Fact::Pong(round_trip, at) => self.shared.post(|inbox| {
                if let (Some(meter), Some(time)) = (self.meter(), round_trip) {
                    meter.pong(&mut inbox.recorder, time);
                }
                inbox
                    .mailbox
                    .push(Event::bare(self.id, EventKind::Pong, at));
            }),
            Fact::Sent(messages) => {
                if let Some(meter) = &self.meter {
                    self.shared
                        .record(|recorder| meter.sent(recorder, messages));
                }
            }
            Fact::Writable => self.tell(EventKind::Writable, Payload::None, clock::now()),
            Fact::Closed { status, error } => {
                let how = Payload::Closed(Box::new((status, error)));
                self.tell(EventKind::Closed, how, clock::now());
            }
            Fact::Ended { unsent } => {
                self.is_settled = true;
                let at = clock::now();
                self.shared.post(|inbox| {
                    if let Some(meter) = &self.meter {
                        meter.ended(&mut inbox.recorder, at);
                    }
                    let payload = Payload::Number(unsent as u64);
                    let kind = EventKind::Ended;
                    inbox.mailbox.push(Event {
                        target: self.id,
                        kind,
                        payload,
                        at,
                    });
                });
            }
        }
    }

    fn closing(&mut self) {
        self.is_closing = true;
    }

    fn has_room(&mut self) -> bool {
        if self.is_full {
            let (id, outbox) = (self.id, &self.outbox);
            self.is_full = !self.shared.post(|inbox| inbox.mailbox.has_room(id, outbox));
        }
        !self.is_full
    }
}

impl Drop for Teller {
    /// Dropped before its time: the dial was given up, or a task panicked.
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
        if self.is_settled {
            return;
        }
        let text = "websocket: the connection was given up";
        let error = SocketError::new(Phase::Session, Cause::Io, text);
        let now = clock::now();
        if self.outcome.is_some() {
            self.refused(None, now, now, error.into());
        } else {
            let status = CloseStatus::new(close::ABNORMAL, "");
            self.observe(Fact::Closed {
                status,
                error: Some(error),
            });
            let unsent = self.outbox.end();
            self.observe(Fact::Ended { unsent });
        }
    }
}
