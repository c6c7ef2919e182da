//! What requests and rules send on a connection, and what is counted of what they take.

use std::sync::Arc;

use super::Connection;
use crate::clock::Instant;
use crate::conversation::desk::Said;
use crate::conversation::message::Message;
use crate::conversation::rules::Ruled;
use crate::engine::conversation::{Carrier, Conversation};
use crate::engine::framing::framed::whole;
use crate::engine::runtime::event_loop::Runtime;
use crate::engine::ws::observer::opcode;
use crate::socket::queue::{Origin, SendError};

impl Carrier for Connection {
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
        let queued = self
            .outbox
            .send_as(opcode(message.kind()), &bytes, origin)?;
        Ok(self.queued(runtime, queued))
    }

    fn answer(&self, runtime: &Runtime, said: &Said) -> bool {
        let message = Message::new(said.kind, &said.bytes);
        let (opcode, by_script) = (opcode(said.kind), said.by_script);
        let queued = whole(self.framed.as_deref(), &message)
            .ok_or(SendError::Full)
            .and_then(|bytes| {
                let origin = Origin::Rule { by_script };
                self.outbox.send_as(opcode, &bytes, origin)
            });
        if queued == Err(SendError::Full) {
            self.record(runtime, |series, recorder| series.unsent(recorder, 1));
        }
        queued.is_ok_and(|queued| self.queued(runtime, queued))
    }

    fn received(&self, runtime: &Runtime, at: Instant, bytes: usize, ruled: Option<Ruled>) {
        // Where messages are cut anew, those of the WebSocket have been counted.
        if self.framed.is_none()
            && let Some(series) = self.common.series.get()
        {
            runtime
                .shared()
                .record(|recorder| series.received_by(recorder, at, bytes, ruled));
        }
    }
}

impl Connection {
    /// How long a message may be that is received.
    pub(super) fn longest_message(&self) -> usize {
        let framed = self.framed.as_ref();
        framed.map_or(self.max_message_size, |one| one.framing().max())
    }
}
