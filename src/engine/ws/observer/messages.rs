//! What becomes of a message that arrived: a request or a rule takes it, or it is for the script.
//!
//! With a framing it is a piece of a stream, which is cut into messages of its own before that.

use std::borrow::Cow;

use super::{ConnectionObserver, opcode};
use crate::clock::{self, Instant};
use crate::conversation::desk::Said;
use crate::conversation::framing::Framing;
use crate::conversation::message::{Kind, Message};
use crate::engine::conversation::{Conversation, Offered, Replies};
use crate::engine::framing::cutting::Cutting;
use crate::engine::framing::framed::Framed;
use crate::engine::runtime::mailbox::EventKind;
use crate::socket::error::SocketError;
use crate::socket::queue::{Origin, SendError};

/// Whose messages were cut, and how: it counts them, and frames what rules have to say.
#[derive(Clone, Copy)]
struct Cut<'a> {
    framed: &'a Framed,
    framing: &'a Framing,
}

impl ConnectionObserver {
    /// A message as it came.
    #[inline]
    pub(super) fn arrived(&mut self, kind: Kind, data: Cow<'_, [u8]>, at: Instant) {
        match self.cutting.take() {
            None => self.message(kind, data, at, None),
            Some(mut cutting) => {
                self.cut(&mut cutting, &data, at);
                self.cutting = Some(cutting);
            }
        }
    }

    /// A message of the WebSocket, which counts as one whatever is made of it.
    fn cut(&mut self, cutting: &mut Cutting, data: &[u8], at: Instant) {
        if let Some(series) = self.measured() {
            self.shared
                .record(|recorder| series.received(recorder, at, data.len()));
        }
        let framed = cutting.framed.clone();
        let framing = framed.framing();
        cutting.feed(data, |message, is_text| {
            self.frame((&framed, &framing), message, is_text, at);
        });
    }

    /// No more messages will come; why that is too early, if it is.
    pub(super) fn cut_last(&mut self) -> Option<SocketError> {
        let mut cutting = self.cutting.take()?;
        let framed = cutting.framed.clone();
        let (framing, at) = (framed.framing(), clock::now());
        cutting.end(|message, is_text| {
            self.frame((&framed, &framing), message, is_text, at);
        });
        cutting.objection()
    }

    /// A message of the stream.
    fn frame(&mut self, by: (&Framed, &Framing), data: &[u8], is_text: bool, at: Instant) {
        let kind = if is_text { Kind::Text } else { Kind::Binary };
        let (framed, framing) = by;
        self.message(kind, data.into(), at, Some(Cut { framed, framing }));
    }

    #[inline]
    fn message(&mut self, kind: Kind, data: Cow<'_, [u8]>, at: Instant, cut: Option<Cut<'_>>) {
        let (event, is_undecided) = match self.common.conversation.get() {
            None => (script_event(kind), false),
            Some(conversation) => match self.offer(conversation, kind, &data, at, cut) {
                Offered::Script => (script_event(kind), false),
                Offered::Undecided => (undecided_event(kind), true),
                Offered::Taken(_) => return,
            },
        };
        let bytes = data.len();
        let has_room = self.shared.post(|arrivals| {
            let has_room = arrivals.mailbox.push_message(self.id, event, data, at);
            if let Some(cut) = cut {
                cut.framed.count();
            }
            if let Some(series) = self.measured() {
                // What is undecided counts when it is known who takes it.
                if cut.is_none() && !is_undecided {
                    series.received(&mut arrivals.recorder, at, bytes);
                }
                self.count_pause(series, has_room, &mut arrivals.recorder, at);
            }
            has_room
        });
        self.is_full = !has_room;
    }

    /// Offers a message to requests and rules, and sends what those have to say.
    fn offer(
        &self,
        conversation: &Conversation,
        kind: Kind,
        data: &[u8],
        at: Instant,
        cut: Option<Cut<'_>>,
    ) -> Offered {
        let mut replies = Replies::new();
        let message = Message::new(kind, data);
        let offered = conversation.offer(&self.shared, &message, at, &mut replies);
        for said in replies {
            self.answer(said, cut);
        }
        if let Offered::Taken(ruled) = offered
            && cut.is_none()
            && let Some(series) = self.measured()
        {
            self.shared
                .record(|recorder| series.received_by(recorder, at, data.len(), ruled));
        }
        offered
    }
}

impl ConnectionObserver {
    /// Sends what a rule has to say. What cannot be sent is counted, unless the session is over.
    fn answer(&self, said: Said, cut: Option<Cut<'_>>) {
        let Said {
            kind,
            mut bytes,
            by_script,
        } = said;
        if let Some(cut) = cut {
            let mut framed = Vec::new();
            if cut.framing.wrap(&bytes, &mut framed).is_err() {
                return self.not_answered();
            }
            bytes = framed;
        }
        let origin = Origin::Rule { by_script };
        let queued = self.outbox.send_as(opcode(kind), &bytes, origin);
        if queued == Err(SendError::Full) {
            self.not_answered();
        }
    }

    fn not_answered(&self) {
        if let Some(series) = &self.series {
            self.shared.record(|recorder| series.unsent(recorder, 1));
        }
    }
}

fn script_event(kind: Kind) -> EventKind {
    match kind {
        Kind::Text => EventKind::Text,
        _ => EventKind::Binary,
    }
}

fn undecided_event(kind: Kind) -> EventKind {
    match kind {
        Kind::Text => EventKind::UndecidedText,
        _ => EventKind::UndecidedBinary,
    }
}
