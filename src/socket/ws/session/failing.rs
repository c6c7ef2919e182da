//! How a conversation ends when nobody closed it: an error of the stream, its end, a peer that takes nothing or says
//! nothing.

use std::time::Duration;

use super::pace::Due;
use super::{GOODBYE, Session, State};
use crate::clock;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::os_error;
use crate::socket::ws::close::{self, CloseStatus};
use crate::socket::ws::fact::{Fact, Observer};

impl<O: Observer> Session<O> {
    pub(super) fn failed(&mut self, doing: &str, error: &std::io::Error) {
        let error = os_error::stream(Phase::Session, doing, &self.ends, error);
        self.closed(
            CloseStatus::new(close::ABNORMAL, ""),
            Some(error),
            State::Over,
        );
    }

    /// Reports the end of the conversation, once, and moves on.
    pub(super) fn closed(&mut self, status: CloseStatus, error: Option<SocketError>, next: State) {
        self.must_write = true;
        if matches!(self.state, State::Open | State::CloseSent) {
            if self.outbox.refuse_more() {
                // Whoever waits for room learns that there is none to wait for.
                self.observer.observe(Fact::Writable);
            }
            if let Some(log) = &self.wire_log {
                log.note(&match &error {
                    Some(error) => format!("over: {error}"),
                    None => format!("over: {status}"),
                });
            }
            self.observer.observe(Fact::Closed { status, error });
        }
        self.state = next;
        if next == State::Draining {
            self.close_within(self.close_timeout);
        }
    }

    /// Nothing more is wanted of the peer than the end of its stream.
    pub(super) fn peer_is_done(&mut self) {
        self.said.all_of_peer = true;
        self.say_goodbye();
    }

    /// Waits for the end of the stream only, and not for long, once nobody has more to say.
    pub(super) fn say_goodbye(&mut self) {
        if self.said.our_close && self.said.all_of_peer {
            self.close_within(GOODBYE);
        }
    }

    /// The conversation is over after `patience` at the latest, whatever was said before.
    pub(super) fn close_within(&mut self, patience: Duration) {
        let at = clock::now() + patience;
        let before = self.close_deadline;
        self.close_deadline = Some(before.map_or(at, |before| before.min(at)));
    }

    /// Ends what should be over by now.
    pub(super) fn end_late(&mut self) {
        let is_late = |deadline| deadline <= clock::now();
        if self.state != State::Over && self.close_deadline.is_some_and(is_late) {
            let status = CloseStatus::new(close::ABNORMAL, "no answer to our Close");
            self.closed(status, None, State::Over);
        }
    }

    /// The peer has taken nothing for too long.
    pub(super) fn blocked_too_long(&mut self) {
        self.outbox.give_up();
        let text = format!("write tcp {}: i/o timeout", self.ends);
        let error = SocketError::new(Phase::Session, Cause::SendBlocked, text)
            .with_hint("the peer does not read what it is sent");
        self.closed(
            CloseStatus::new(close::ABNORMAL, ""),
            Some(error),
            State::Over,
        );
    }

    pub(super) fn end_of_stream(&mut self) {
        let status = CloseStatus::new(close::ABNORMAL, "unexpected EOF");
        let error = SocketError::new(Phase::Session, Cause::Eof, status.to_string());
        self.closed(status, Some(error), State::Over);
    }

    /// Sends a ping when it is time, and leaves a peer that has been silent for too long.
    pub(super) fn keep_pace(&mut self) {
        while self.state == State::Open {
            let Some(pace) = &mut self.pace else { return };
            match pace.due(self.pings.oldest(), self.is_paused) {
                None => return,
                Some(Due::Leave(why)) => return self.silent(&why),
                Some(Due::Ping) => {
                    // Refused when full: a peer that does not read is left at the send timeout.
                    let _ = self.outbox.ping();
                }
            }
        }
    }

    /// The observer cannot go on with what arrived.
    pub(super) fn objected(&mut self, code: u16, error: SocketError) {
        self.outbox.close(code, "", self.close_timeout);
        let status = CloseStatus::new(code, "");
        self.closed(status, Some(error), State::Draining);
        self.peer_is_done();
    }

    fn silent(&mut self, why: &str) {
        self.outbox
            .close(close::GOING_AWAY, why, self.close_timeout);
        let text = format!("websocket: {why}");
        let error = SocketError::new(Phase::Session, Cause::IdleTimeout, text)
            .with_hint("idle_timeout and keep_alive of this connection say how long to wait");
        let status = CloseStatus::new(close::ABNORMAL, why);
        self.closed(status, Some(error), State::Draining);
        self.peer_is_done();
    }
}
