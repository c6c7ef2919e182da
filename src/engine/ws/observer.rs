//! Turns what happens to one connection into events for the script and samples for the run.
//!
//! Whatever happens, a panic included, the last thing told is [`EventKind::Refused`] or
//! [`EventKind::Ended`]: nobody waits for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::handshake::{Handshake, Outcome};
use crate::clock::{self, Instant};
use crate::conversation::message::Kind;
use crate::conversation::requests::RequestId;
use crate::engine::conversation::common::Common;
use crate::engine::framing::cutting::Cutting;
use crate::engine::framing::framed::Framed;
use crate::engine::measure::ws::{ConnectionLabels, ConnectionSeries};
use crate::engine::runtime::mailbox::{Event, EventKind, Payload, ReceiverId};
use crate::engine::runtime::shared::Shared;
use crate::metrics::Recorder;
use crate::socket::dial::phases::{Reached, Spans};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::ws::close::{self, CloseStatus};
use crate::socket::ws::fact::{Fact, Observer};
use crate::socket::ws::frame::Opcode;
use crate::socket::ws::outbox::Outbox;
use crate::socket::ws::upgrade::{Answer, Refused};

mod messages;

/// Whom a session reports to.
pub(super) struct ConnectionObserver {
    shared: Arc<Shared>,
    id: ReceiverId,
    outbox: Arc<Outbox>,
    series: Option<ConnectionSeries>,
    /// What the script's side has of it as well.
    common: Arc<Common<ConnectionSeries>>,
    is_full: bool,
    /// The script closed the connection, perhaps because its VU was cut.
    is_closing: bool,
    /// With which code, once it did.
    our_code: u16,
    /// Until the handshake has ended; boxed, so that an open connection has no room for it.
    attempt: Option<Box<Attempt>>,
    /// Where what comes is a stream that is cut into messages, whatever messages of the WebSocket it came in.
    cutting: Option<Box<Cutting>>,
    /// No more messages can come since then: what follows is our own waiting.
    closed_at: Option<Instant>,
    /// The last event was told.
    is_settled: bool,
}

/// A connection in the making.
pub(super) struct Attempt {
    /// Where its outcome is left.
    pub(super) handshake: Arc<Handshake>,
    /// As what it is recorded; nothing outside a run.
    pub(super) labels: Option<ConnectionLabels>,
    /// How far it has come.
    pub(super) reached: Reached,
}

impl ConnectionObserver {
    /// For a connection that is about to be made; its numbers are left in `common`.
    pub(super) fn new(
        shared: Arc<Shared>,
        id: ReceiverId,
        outbox: Arc<Outbox>,
        attempt: Attempt,
        common: Arc<Common<ConnectionSeries>>,
    ) -> Self {
        shared.post(|arrivals| arrivals.mailbox.open(id));
        shared.connections.fetch_add(1, Ordering::Relaxed);
        Self {
            shared,
            id,
            outbox,
            series: None,
            common,
            is_full: false,
            is_closing: false,
            our_code: close::NO_STATUS,
            attempt: Some(Box::new(attempt)),
            cutting: None,
            closed_at: None,
            is_settled: false,
        }
    }

    /// The same, whose messages are cut anew.
    pub(super) fn cut_by(mut self, framed: Option<Arc<Framed>>) -> Self {
        self.cutting = framed.map(|framed| Box::new(Cutting::new(framed)));
        self
    }

    /// What all connections of the loop share.
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The queue of the connection.
    pub(super) fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// The attempt, until it has an outcome.
    pub(super) fn attempt(&mut self) -> Option<&mut Attempt> {
        self.attempt.as_deref_mut()
    }

    /// The session is open.
    pub(super) fn opened(&mut self, spans: &Spans, answer: Answer, ip: Option<&str>) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        self.measure_handshake(attempt.labels.as_ref(), spans, Some(&answer), ip);
        if let Some(series) = &self.series {
            self.shared.record(|recorder| series.opened(recorder));
        }
        attempt.handshake.settle(Outcome::Opened(answer));
        self.tell(EventKind::Opened, Payload::None, spans.ended);
    }

    /// There is no session. The last that is told. Counted whoever waits for it: each attempt is opened or failed.
    pub(super) fn refused(&mut self, spans: &Spans, refused: Refused) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        let now = spans.ended;
        let labels = attempt.labels.as_ref();
        self.measure_handshake(labels, spans, refused.answer.as_ref(), None);
        if let Some(labels) = labels {
            let cause = refused.error.cause.as_str();
            labels.refused(&refused);
            if let Some(series) = &self.series {
                self.shared
                    .record(|recorder| series.refused(recorder, cause));
            }
        }
        attempt.handshake.settle(Outcome::Refused(refused));
        self.is_settled = true;
        self.outbox.close(close::ABNORMAL, "", Duration::ZERO);
        self.shared.post(|arrivals| {
            if let Some(series) = &self.series {
                series.ended(&mut arrivals.recorder, now);
            }
            arrivals
                .mailbox
                .push(Event::bare(self.id, EventKind::Refused, now));
        });
    }

    fn measure_handshake(
        &mut self,
        labels: Option<&ConnectionLabels>,
        spans: &Spans,
        answer: Option<&Answer>,
        ip: Option<&str>,
    ) {
        let Some(labels) = labels else { return };
        let series = self.shared.post(|arrivals| {
            let recorder = &mut arrivals.recorder;
            ConnectionSeries::handshake_ended(labels, recorder, spans, answer, ip)
        });
        // Set here alone, and once.
        let _ = self.common.series.set(series.clone());
        if let Some(conversation) = self.common.conversation.get() {
            conversation.record_as(series.requests());
        }
        self.series = Some(series);
    }

    /// What is recorded of this connection now. The VU is only looked at once it may have been cut: it lies
    /// elsewhere in memory, and this is asked for every message.
    fn measured(&self) -> Option<&ConnectionSeries> {
        self.series
            .as_ref()
            .filter(|series| !(self.is_closing && series.is_cut()))
    }

    fn tell(&self, kind: EventKind, payload: Payload, at: Instant) {
        self.shared.post(|arrivals| {
            arrivals.mailbox.push(Event {
                receiver: self.id,
                kind,
                payload,
                at,
            });
        });
    }

    /// Counts that the connection is not read any more, once until it is.
    #[inline]
    fn count_pause(
        &self,
        series: &ConnectionSeries,
        has_room: bool,
        recorder: &mut Recorder,
        at: Instant,
    ) {
        if !has_room && !self.is_full {
            series.paused(recorder, at);
        }
    }
}

impl ConnectionObserver {
    /// Counts the end of the conversation, and what broke it, if anything did.
    fn ended_by(&self, status: &CloseStatus, error: Option<&SocketError>) {
        let Some(series) = &self.series else { return };
        let failure = match error {
            Some(error) => Some((error.cause, error.text.as_str())),
            None if status.code == close::ABNORMAL => {
                Some((Cause::CloseTimeout, status.reason.as_str()))
            }
            None => None,
        };
        let cause = failure.map(|(cause, _)| cause.as_str());
        self.shared
            .record(|recorder| series.closed(recorder, status.code, cause));
        if let (Some(cause), Some((_, text))) = (cause, failure) {
            series.broke(cause, text, error);
        }
        let ours = self.is_closing.then_some(self.our_code);
        series.session_ended(status, error.is_some(), ours);
    }

    /// Nothing more can answer a request.
    fn end_requests(&self) {
        if let Some(conversation) = self.common.conversation.get() {
            let is_cut = self.series.as_ref().is_some_and(ConnectionSeries::is_cut);
            conversation.ended(&self.shared, self.is_closing && is_cut);
        }
    }

    fn control(&mut self, kind: EventKind, round_trip: Option<Duration>, at: Instant) {
        let has_room = self.shared.post(|arrivals| {
            let has_room = arrivals.mailbox.push_control(self.id, kind, at);
            if let Some(series) = self.measured() {
                if let Some(time) = round_trip {
                    series.pong(&mut arrivals.recorder, time, at);
                }
                self.count_pause(series, has_room, &mut arrivals.recorder, at);
            }
            has_room
        });
        self.is_full = !has_room;
    }
}

impl Observer for ConnectionObserver {
    fn observe(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Text(data, at) => self.arrived(Kind::Text, data, at),
            Fact::Binary(data, at) => self.arrived(Kind::Binary, data, at),
            Fact::Ping(at) => self.control(EventKind::Ping, None, at),
            Fact::Pong(round_trip, at) => self.control(EventKind::Pong, round_trip, at),
            Fact::Sent(messages, written) => {
                if let Some(series) = &self.series {
                    self.shared
                        .record(|recorder| series.sent(recorder, messages, written));
                }
            }
            Fact::Answered(messages, written) => {
                if let Some(series) = &self.series {
                    self.shared
                        .record(|recorder| series.answered(recorder, messages, written));
                }
            }
            Fact::Wrote(number, at) => {
                if let Some(conversation) = self.common.conversation.get() {
                    conversation.wrote(RequestId::of_number(number), at);
                }
            }
            Fact::Writable => self.tell(EventKind::Writable, Payload::None, clock::now()),
            Fact::Closed { status, error } => {
                let error = error.or_else(|| self.cut_last());
                self.ended_by(&status, error.as_ref());
                let how = Payload::Closed(Box::new((status, error)));
                let now = clock::now();
                self.closed_at = Some(now);
                self.tell(EventKind::Closed, how, now);
                // Behind it: whoever is told that a request failed finds its session closed.
                self.end_requests();
            }
            Fact::Ended { unsent } => {
                self.is_settled = true;
                self.end_requests();
                let at = clock::now();
                self.shared.post(|arrivals| {
                    if let Some(series) = &self.series {
                        series.ended(&mut arrivals.recorder, self.closed_at.unwrap_or(at));
                        series.unsent(&mut arrivals.recorder, unsent);
                    }
                    let payload = Payload::Number(unsent as u64);
                    let kind = EventKind::Ended;
                    arrivals.mailbox.push(Event {
                        receiver: self.id,
                        kind,
                        payload,
                        at,
                    });
                });
            }
        }
    }

    fn objection(&mut self) -> Option<(u16, SocketError)> {
        let error = self.cutting.as_mut()?.objection()?;
        let code = match error.cause {
            Cause::TooBig => close::TOO_BIG,
            _ => close::INVALID_PAYLOAD,
        };
        Some((code, error))
    }

    fn closing(&mut self, code: u16) {
        self.is_closing = true;
        self.our_code = code;
    }

    fn is_all_delivered(&mut self) -> bool {
        let (id, outbox) = (self.id, &self.outbox);
        self.shared
            .post(|arrivals| arrivals.mailbox.is_all_delivered(id, outbox))
    }

    fn has_room(&mut self) -> bool {
        if self.is_full {
            let (id, outbox) = (self.id, &self.outbox);
            self.is_full = !self
                .shared
                .post(|arrivals| arrivals.mailbox.has_room(id, outbox));
        }
        !self.is_full
    }
}

impl Drop for ConnectionObserver {
    /// Dropped before its time: the dial was given up, or a task panicked.
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
        if self.is_settled {
            return;
        }
        if let Some(attempt) = &self.attempt {
            let (spans, error) = attempt.reached.given_up();
            self.refused(&spans, error.into());
        } else {
            if self.outbox.refuse_more() {
                self.observe(Fact::Writable);
            }
            if self.closed_at.is_none() {
                let text = "websocket: the connection was given up";
                let error = SocketError::new(Phase::Session, Cause::Io, text);
                let status = CloseStatus::new(close::ABNORMAL, "");
                self.observe(Fact::Closed {
                    status,
                    error: Some(error),
                });
            }
            let unsent = self.outbox.end();
            self.observe(Fact::Ended { unsent });
        }
    }
}

/// As which kind of frame a message goes.
pub(super) fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Text => Opcode::Text,
        _ => Opcode::Binary,
    }
}

#[cfg(test)]
mod tests;
