//! The peer broke the protocol: say so on the wire, tell the script why, and let go.
//!
//! Messages that came whole before the violation count as received (RFC 6455 section 7.1.7 fails the
//! connection, not what went before), so the script has its chance to answer them: our Close waits until
//! they are delivered, but no longer than a closing handshake may take.

use super::{Pending, Session, State};
use crate::clock;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::ws::close::{self, CloseStatus};
use crate::socket::ws::fact::Observer;
use crate::socket::ws::frame::Violation;

impl<O: Observer> Session<O> {
    /// The peer broke the protocol. From here on nothing is read.
    pub(super) fn violated(&mut self, violation: Violation) {
        if self.state == State::Open && !self.observer.is_all_delivered() {
            let deadline = clock::now() + self.close_timeout;
            self.pending = Some(Box::new(Pending {
                violation,
                deadline,
            }));
        } else {
            self.fail(violation);
        }
    }

    /// Acts on a violation whose time has come.
    pub(super) fn settle_violation(&mut self) {
        let Some(pending) = &self.pending else {
            return;
        };
        let is_due = self.state != State::Open
            || self.observer.is_all_delivered()
            || pending.deadline <= clock::now();
        if is_due && let Some(pending) = self.pending.take() {
            self.fail(pending.violation);
        }
    }

    fn fail(&mut self, violation: Violation) {
        let Violation { code, reason } = violation;
        let cause = match code {
            close::INVALID_PAYLOAD => Cause::Utf8,
            close::TOO_BIG => Cause::TooBig,
            _ => Cause::Protocol,
        };
        if self.state == State::Open {
            self.outbox.close(code, &reason, self.close_timeout);
        } else {
            // Our Close is on its way, and this was the answer to it.
            self.peer_is_done();
        }
        let status = CloseStatus::new(code, reason);
        let error = SocketError::new(Phase::Session, cause, status.to_string());
        let error = match cause {
            Cause::TooBig => error.with_hint("max_message_size of this connection is the limit"),
            _ => error,
        };
        self.closed(status, Some(error), State::Draining);
    }
}
