//! How a conversation ends when nobody closed it: an error of the stream, its end, a peer that takes nothing.

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Session, State};
use crate::socket::close::{self, CloseStatus};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::fact::{Fact, Observer};

impl<S: AsyncRead + AsyncWrite + Unpin, O: Observer> Session<S, O> {
    pub(super) fn failed(&mut self, doing: &str, error: &std::io::Error) {
        let error = SocketError::stream(Phase::Session, doing, &self.ends, error);
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
            self.outbox.refuse_more();
            if let Some(tap) = &self.tap {
                tap.note(&match &error {
                    Some(error) => format!("over: {error}"),
                    None => format!("over: {status}"),
                });
            }
            self.observer.observe(Fact::Closed { status, error });
        }
        self.state = next;
        if next == State::Draining && self.close_deadline.is_none() {
            self.close_deadline = Some(Box::pin(tokio::time::sleep(self.config.close_timeout)));
        }
    }

    /// The peer has taken nothing for too long.
    pub(super) fn blocked(&mut self) {
        let text = format!("write tcp {}: i/o timeout", self.ends);
        let error = SocketError::new(Phase::Session, Cause::SendBlocked, text)
            .with_hint("the peer does not read what it is sent");
        self.closed(
            CloseStatus::new(close::ABNORMAL, ""),
            Some(error),
            State::Over,
        );
    }

    pub(super) fn ended(&mut self) {
        let status = CloseStatus::new(close::ABNORMAL, "unexpected EOF");
        let error = SocketError::new(Phase::Session, Cause::Eof, status.to_string());
        self.closed(status, Some(error), State::Over);
    }

    pub(super) fn read_failed(&mut self, error: &std::io::Error) {
        match error.kind() {
            // TLS ended without close_notify: an end of stream like any other.
            std::io::ErrorKind::UnexpectedEof => self.ended(),
            _ => self.failed("read", error),
        }
    }
}
