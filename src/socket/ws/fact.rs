//! What a connection observed, before anybody gave it a meaning.
//!
//! The socket layer reports facts; what they count as is settled in `engine::measure`.

use std::borrow::Cow;
use std::time::Duration;

use super::close::CloseStatus;
use super::outbox::Mark;
use crate::clock::Instant;
use crate::socket::error::SocketError;

/// What one write completed, for whoever wants to know more of it than how much that was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'a>(&'a [(usize, Mark)]);

impl<'a> Written<'a> {
    /// All that ended in it.
    pub(crate) fn new(marks: &'a [(usize, Mark)]) -> Self {
        Self(marks)
    }

    /// Payload bytes of each data message of the script, before compression.
    pub fn messages(self) -> impl Iterator<Item = usize> + use<'a> {
        self.0.iter().filter_map(|(_, mark)| match mark {
            Mark::Message(bytes) => Some(*bytes),
            _ => None,
        })
    }

    /// The same of each answer of a rule.
    pub fn answers(self) -> impl Iterator<Item = usize> + use<'a> {
        self.0.iter().filter_map(|(_, mark)| match mark {
            Mark::Answer(bytes, _) => Some(*bytes),
            _ => None,
        })
    }

    /// How many of the answers callables of the script have made.
    pub fn answers_by_script(self) -> u64 {
        let marks = self.0.iter().map(|(_, mark)| mark);
        marks.fold(0, |sum, mark| {
            sum + u64::from(matches!(mark, Mark::Answer(_, true)))
        })
    }
}

/// What a session saw. `at` is when it became known, where that is worth a look at the clock.
#[derive(Debug)]
pub enum Fact<'a> {
    /// A text message, valid UTF-8.
    Text(Cow<'a, [u8]>, Instant),
    /// A binary message.
    Binary(Cow<'a, [u8]>, Instant),
    /// A ping; its pong is on its way.
    Ping(Instant),
    /// A pong, with the time since our ping was written if it answers one.
    Pong(Option<Duration>, Instant),
    /// The last byte of this many data messages of the script was taken by the operating system.
    Sent(u64, Written<'a>),
    /// The last byte of this many more was, which rules have answered with.
    Answered(u64, Written<'a>),
    /// The last byte of the request with this number was taken by a write that began then.
    Wrote(u64, Instant),
    /// Room in the outbox again, for somebody who was refused.
    Writable,
    /// No more messages: the peer closed, broke the protocol, or is gone.
    Closed {
        /// The peer's code and reason; ours for a violation; 1006 when there was no Close.
        status: CloseStatus,
        /// What went wrong, unless the peer just closed. Without it 1006 says that our Close was not answered
        /// in time, which is no error of the script's.
        error: Option<SocketError>,
    },
    /// The stream is gone. Always the last fact.
    Ended {
        /// Messages that were accepted for sending and never written.
        unsent: usize,
    },
}

/// Who is told. One per session; generic, so that the hot path is one inlined call.
pub trait Observer {
    /// Takes a fact.
    fn observe(&mut self, fact: Fact<'_>);
    /// Why the session cannot go on after what was observed, if it cannot, and with which code it is closed then; asked
    /// after each read.
    fn objection(&mut self) -> Option<(u16, SocketError)> {
        None
    }
    /// Our side began to close, with this code; what still arrives may not be wanted any more.
    fn closing(&mut self, _code: u16) {}
    /// Whether everything observed has reached who wants it; if not, the queue is flushed when it has.
    fn is_all_delivered(&mut self) -> bool {
        true
    }
    /// Whether more messages may be read now; asked before every read.
    fn has_room(&mut self) -> bool;
}
