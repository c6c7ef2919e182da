//! What a session hears: how much of it may be read, and what it means.

use super::{Session, State};
use crate::clock::{self, Instant};
use crate::socket::ws::decoder::Item;
use crate::socket::ws::fact::{Fact, Observer};
use crate::socket::ws::frame::{Opcode, encode};

/// Pongs waiting to be written; past this only the newest is kept (RFC 6455 section 5.5.3 allows it).
const MAX_PONG_BYTES: usize = 4096;

impl<O: Observer> Session<O> {
    /// How many bytes may be read now, up to `most`.
    pub(super) fn may_read(&mut self, most: usize) -> usize {
        if let Some(pace) = &mut self.pace {
            pace.forget_ration();
        }
        if self.state == State::Over || self.pending.is_some() {
            return 0;
        }
        // What answers our Close is read whatever the script wanted before.
        let is_unwanted = self.state == State::Open && self.outbox.is_reading_paused();
        self.is_paused = is_unwanted || !self.observer.has_room();
        if self.is_paused {
            return 0;
        }
        self.pace.as_mut().map_or(most, |pace| pace.allowance(most))
    }

    /// Decodes what was read and reports it.
    pub(super) fn decode(&mut self, bytes: &mut [u8], arrived: Option<Instant>) {
        if matches!(self.state, State::Draining | State::Over) || self.pending.is_some() {
            return;
        }
        if let Some(pace) = &mut self.pace {
            pace.heard(bytes.len());
        }
        if let Some(log) = &mut self.wire_log {
            log.received(bytes);
        }
        let at = arrived.unwrap_or_else(clock::now);
        let Self {
            decoder,
            observer,
            replies,
            late_pong,
            pings,
            must_write,
            ..
        } = self;
        let mut peer_closed = None;
        let fed = decoder.feed(bytes, &mut |item| match item {
            Item::Text(data) => observer.observe(Fact::Text(data, at)),
            Item::Binary(data) => observer.observe(Fact::Binary(data, at)),
            Item::Ping(payload) => {
                if replies.len() < MAX_PONG_BYTES {
                    encode(replies, Opcode::Pong, payload, Some(rand::random()));
                } else {
                    *late_pong = Some(payload.to_vec());
                }
                *must_write = true;
                observer.observe(Fact::Ping(at));
            }
            Item::Pong(payload) => observer.observe(Fact::Pong(pings.answered(payload, at), at)),
            Item::Close(status) => peer_closed = Some(status),
        });
        // A rule may have answered.
        *must_write |= self.outbox.is_filled();
        if let Err(violation) = fed {
            return self.violated(violation);
        }
        if let Some((code, error)) = self.observer.objection() {
            return self.objected(code, error);
        }
        if let Some(status) = peer_closed {
            if self.state == State::Open {
                // The answer to the peer's Close is a Close with the same code (RFC 6455 section 5.5.1).
                self.outbox.close(status.code, "", self.close_timeout);
            }
            self.closed(status, None, State::Draining);
            self.peer_is_done();
        }
    }
}
