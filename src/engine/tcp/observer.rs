//! Turns what happens to one raw TCP connection into events for the script and samples for the run.
//!
//! Whatever happens, a panic included, the last thing told is [`EventKind::Refused`] or
//! [`EventKind::Ended`]: nobody waits for ever.

use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use super::outcome::Outcome;
use crate::clock::{self, Instant};
use crate::conversation::framing::Framing;
use crate::conversation::message::{Kind, Message};
use crate::conversation::requests::RequestId;
use crate::engine::conversation::common::Common;
use crate::engine::conversation::{Offered, Replies};
use crate::engine::framing::cutting::Cutting;
use crate::engine::framing::framed::Framed;
use crate::engine::measure::tcp::{TcpDial, TcpLabels, TcpSeries};
use crate::engine::runtime::mailbox::{Event, EventKind, Payload, ReceiverId};
use crate::engine::runtime::shared::Shared;
use crate::report::Failure;
use crate::socket::dial::phases::{Reached, Spans};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::queue::{Origin, SendError};
use crate::socket::tcp::queue::{StartTls, TcpQueue};
use crate::socket::tcp::session::{TcpFact, TcpObserver};

/// Whom a TCP connection reports to.
pub(super) struct TcpConnectionObserver {
    pub(super) shared: Arc<Shared>,
    pub(super) id: ReceiverId,
    pub(super) queue: Arc<TcpQueue>,
    pub(super) common: Arc<Common<TcpSeries>>,
    /// Until the dial is over; boxed, so that an open connection has no room for it.
    attempt: Option<Box<Attempt>>,
    /// Where data is cut into messages; boxed for the same reason.
    cutting: Option<Box<Cutting>>,
    is_full: bool,
    answers: Answers,
    /// No more data can come: that was told.
    is_closed: bool,
    is_settled: bool,
}

/// What rules have to say.
#[derive(Default)]
struct Answers {
    /// Not queued yet.
    waiting: Replies,
    /// Some were queued, and nobody has been told.
    are_queued: bool,
}

/// A connection in the making.
pub(super) struct Attempt {
    /// Where its outcome is left.
    pub(super) outcome: Arc<OnceLock<Outcome>>,
    /// As what it is recorded; nothing outside a run.
    pub(super) labels: Option<TcpLabels>,
    /// How far it has come.
    pub(super) reached: Reached,
    /// How its data is cut into messages, if it is.
    pub(super) framed: Option<Arc<Framed>>,
}

impl TcpConnectionObserver {
    pub(super) fn new(
        shared: Arc<Shared>,
        id: ReceiverId,
        queue: Arc<TcpQueue>,
        attempt: Attempt,
        common: Arc<Common<TcpSeries>>,
    ) -> Self {
        shared.post(|arrivals| arrivals.mailbox.open(id));
        shared.connections.fetch_add(1, Ordering::Relaxed);
        Self {
            shared,
            id,
            queue,
            cutting: attempt
                .framed
                .clone()
                .map(|framed| Box::new(Cutting::new(framed))),
            common,
            attempt: Some(Box::new(attempt)),
            is_full: false,
            answers: Answers::default(),
            is_closed: false,
            is_settled: false,
        }
    }

    /// The attempt, until it has an outcome.
    pub(super) fn attempt(&mut self) -> Option<&mut Attempt> {
        self.attempt.as_deref_mut()
    }

    /// The dial is over.
    pub(super) fn dialled(&mut self, spans: Spans, outcome: Outcome) {
        let Some(attempt) = self.attempt.take() else {
            return;
        };
        let dial = TcpDial {
            spans,
            ip: attempt.reached.resolved,
            is_open: matches!(outcome, Outcome::Opened(_)),
        };
        if let Some(labels) = &attempt.labels {
            let series = self
                .shared
                .post(|arrivals| labels.dialled(&mut arrivals.recorder, dial));
            if let Some(conversation) = self.common.conversation.get() {
                conversation.record_as(series.requests());
            }
            // Set here alone, and once.
            let _ = self.common.series.set(series);
            if let Outcome::Refused(error) = &outcome {
                labels.metrics.refused(error.cause.as_str(), None, || {
                    Failure::new(error.text.clone(), &error.hint)
                });
            }
        }
        let kind = match outcome {
            Outcome::Opened(_) => EventKind::Opened,
            Outcome::Refused(_) => EventKind::Refused,
        };
        self.is_settled = kind == EventKind::Refused;
        // Only the observer sets it, and only once.
        let _ = attempt.outcome.set(outcome);
        self.tell(kind, Payload::None);
    }

    /// A message: cut out of the data, or data as it came.
    fn message(&mut self, framed: Option<&Framed>, data: &[u8], is_text: bool, at: Instant) {
        let (script, undecided) = if is_text {
            (EventKind::Text, EventKind::UndecidedText)
        } else {
            (EventKind::Data, EventKind::UndecidedData)
        };
        let offered = self.common.conversation.get().map(|conversation| {
            let message = Message::new(Kind::Data, data);
            conversation.offer(&self.shared, &message, at, &mut self.answers.waiting)
        });
        if framed.is_some() && offered != Some(Offered::Undecided) {
            // What is undecided counts when it is known who takes it.
            let ruled = match offered {
                Some(Offered::Taken(ruled)) => ruled,
                _ => None,
            };
            self.record(|series, recorder| series.received(recorder, at, ruled));
        }
        let kind = match offered {
            None | Some(Offered::Script) => script,
            Some(Offered::Undecided) => undecided,
            Some(Offered::Taken(_)) => return,
        };
        let has_room = self.shared.post(|arrivals| {
            if let Some(framed) = framed {
                framed.count();
            }
            arrivals
                .mailbox
                .push_message(self.id, kind, data.into(), at)
        });
        self.is_full = !has_room;
    }

    /// Sends what rules have to say. What cannot be sent is counted.
    fn answer(&mut self, framing: Option<&Framing>) {
        for said in std::mem::take(&mut self.answers.waiting) {
            let by_script = said.by_script;
            let mut bytes = said.bytes;
            if let Some(framing) = framing {
                let mut framed = Vec::new();
                if framing.wrap(&bytes, &mut framed).is_err() {
                    self.record(TcpSeries::not_answered);
                    continue;
                }
                bytes = framed;
            }
            match self.queue.write_as(&bytes, Origin::Rule { by_script }) {
                Ok(_) => {
                    self.answers.are_queued = true;
                    self.record(TcpSeries::answers_with);
                }
                Err(SendError::Full) => self.record(TcpSeries::not_answered),
                // The session is over: nobody is owed an answer.
                Err(_) => {}
            }
        }
    }

    /// Nothing more can answer a request.
    fn end_requests(&self) {
        if let Some(conversation) = self.common.conversation.get() {
            let series = self.common.series.get();
            conversation.ended(&self.shared, series.is_some_and(TcpSeries::is_cut));
        }
    }

    fn tell(&self, kind: EventKind, payload: Payload) {
        let (receiver, at) = (self.id, clock::now());
        self.shared.post(|arrivals| {
            arrivals.mailbox.push(Event {
                receiver,
                kind,
                payload,
                at,
            });
        });
    }

    /// Data of which messages are made.
    fn cut(&mut self, cutting: &mut Cutting, data: &[u8], at: Instant) {
        self.record(|series, recorder| series.read(recorder, at));
        let framed = cutting.framed.clone();
        cutting.feed(data, |message, is_text| {
            self.message(Some(&framed), message, is_text, at);
        });
    }

    /// No more data will come.
    fn cut_last(&mut self, cutting: &mut Cutting) {
        let at = clock::now();
        let framed = cutting.framed.clone();
        cutting.end(|message, is_text| self.message(Some(&framed), message, is_text, at));
    }

    fn record(&self, record: impl FnOnce(&TcpSeries, &mut crate::metrics::Recorder)) {
        if let Some(series) = self.common.series.get() {
            self.shared.record(|recorder| record(series, recorder));
        }
    }
}

impl TcpObserver for TcpConnectionObserver {
    fn observe(&mut self, fact: TcpFact<'_>) {
        match fact {
            TcpFact::Data(data, at) => match self.cutting.take() {
                None => {
                    self.record(|series, recorder| series.read(recorder, at));
                    self.message(None, data, false, at);
                    self.answer(None);
                }
                Some(mut cutting) => {
                    self.cut(&mut cutting, data, at);
                    if !self.answers.waiting.is_empty() {
                        self.answer(Some(&cutting.framed.framing()));
                    }
                    self.cutting = Some(cutting);
                }
            },
            TcpFact::PeerEnded => {
                if let Some(mut cutting) = self.cutting.take() {
                    self.cut_last(&mut cutting);
                    self.answer(Some(&cutting.framed.framing()));
                    self.cutting = Some(cutting);
                }
            }
            TcpFact::Answered(answered) => {
                self.record(|series, recorder| series.answered(recorder, answered));
            }
            TcpFact::Wrote(number, at) => {
                if let Some(conversation) = self.common.conversation.get() {
                    conversation.wrote(RequestId::of_number(number), at);
                }
            }
            TcpFact::Written => self.tell(EventKind::Written, Payload::None),
            TcpFact::Writable => self.tell(EventKind::Writable, Payload::None),
            TcpFact::TlsStarted { error, took } => {
                self.record(|series, recorder| {
                    if let Some(took) = took {
                        series.tls_started(recorder, took);
                    }
                    if error.is_some() {
                        series.failed(recorder, None);
                    }
                });
                let failure = Payload::Failure(error.map(Box::new));
                self.tell(EventKind::TlsStarted, failure);
            }
            TcpFact::Closed(error) => {
                self.is_closed = true;
                if error
                    .as_ref()
                    .is_some_and(|error| error.phase != Phase::Tls)
                {
                    self.record(|series, recorder| series.failed(recorder, None));
                }
                self.tell(EventKind::Closed, Payload::Failure(error.map(Box::new)));
                // Behind it: whoever is told that a request failed finds its session closed.
                self.end_requests();
            }
            TcpFact::WriteFailed {
                writes,
                partial,
                error,
            } => {
                self.record(|series, recorder| {
                    series.unsent(recorder, writes);
                    if partial > 0 {
                        series.partly_written(recorder);
                    }
                });
                let payload = Payload::WriteFailed(Box::new((writes, partial, error)));
                self.tell(EventKind::WriteFailed, payload);
            }
            TcpFact::Ended => {
                self.is_settled = true;
                self.end_requests();
                let now = clock::now();
                self.record(|series, recorder| series.ended(recorder, now));
                self.tell(EventKind::Ended, Payload::None);
            }
        }
    }

    fn objection(&mut self) -> Option<SocketError> {
        self.cutting.as_mut()?.objection()
    }

    fn objection_to_tls(&mut self, request: &StartTls) -> Option<SocketError> {
        let (cutting, seen) = (self.cutting.as_ref()?, request.seen?);
        cutting.framed.objection_to_tls(seen)
    }

    fn is_all_delivered(&mut self) -> bool {
        let (id, queue) = (self.id, &self.queue);
        self.shared
            .post(|arrivals| arrivals.mailbox.is_all_delivered(id, queue))
    }

    fn has_answered(&mut self) -> bool {
        std::mem::take(&mut self.answers.are_queued)
    }

    fn has_room(&mut self) -> bool {
        if self.is_full {
            let (id, queue) = (self.id, &self.queue);
            self.is_full = !self
                .shared
                .post(|arrivals| arrivals.mailbox.has_room(id, queue));
        }
        !self.is_full
    }
}

impl Drop for TcpConnectionObserver {
    /// Dropped before its time: the dial was given up, or a task panicked.
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
        if self.is_settled {
            return;
        }
        if let Some(attempt) = &self.attempt {
            let (spans, error) = attempt.reached.given_up();
            self.dialled(spans, Outcome::Refused(error));
        } else {
            let error = SocketError::new(Phase::Session, Cause::Io, "socket destroyed");
            if !self.is_closed {
                self.observe(TcpFact::Closed(Some(error.clone())));
            }
            let (writes, is_awaited) = self.queue.close();
            if is_awaited {
                self.observe(TcpFact::Writable);
            }
            if writes > 0 {
                // How much of the first one had gone, the session alone knew.
                let partial = 0;
                self.observe(TcpFact::WriteFailed {
                    writes,
                    partial,
                    error,
                });
            }
            self.observe(TcpFact::Ended);
        }
    }
}

#[cfg(test)]
mod tests;
