//! What a session has to say: our own replies, then what the script queued, and the accounts of what is written.

use super::{Session, State};
use crate::clock::{self, Instant};
use crate::socket::ws::fact::{Fact, Observer, Written};
use crate::socket::ws::frame::{Opcode, encode};
use crate::socket::ws::outbox::Mark;

impl<O: Observer> Session<O> {
    /// What is to be written next, if anything. The way of a ping, and of a
    /// request, begins before the write, which may take a while itself.
    pub(super) fn next_to_write(&mut self) -> Option<(&[u8], Option<Instant>)> {
        if self.at == self.frames.bytes.len() && !(self.has_more() && self.refill()) {
            return None;
        }
        let begun = self.frames.is_timed.then(clock::now);
        Some((&self.frames.bytes[self.at..], begun))
    }

    /// Whether there is anything to write, or memory to give back.
    #[inline]
    fn has_more(&self) -> bool {
        let is_written = !self.frames.bytes.is_empty();
        let replies = !self.replies.is_empty() || self.late_pong.is_some();
        is_written || replies || self.outbox.is_filled()
    }

    /// The next bytes to write: our own replies, then what the script queued. False when there are none.
    fn refill(&mut self) -> bool {
        self.at = 0;
        self.next_mark = 0;
        self.frames.written();
        if let Some(payload) = self.late_pong.take() {
            encode(
                &mut self.replies,
                Opcode::Pong,
                &payload,
                Some(rand::random()),
            );
        }
        if !self.replies.is_empty() {
            std::mem::swap(&mut self.frames.bytes, &mut self.replies);
            self.show();
            return true;
        }
        if let Some(closing) = self.outbox.take(&mut self.frames) {
            if self.state == State::Open {
                self.state = State::CloseSent;
                self.observer.closing(closing.code);
            }
            // Again and again: it may have been cut since.
            self.close_within(closing.patience);
        }
        self.show();
        !self.frames.bytes.is_empty()
    }

    /// Shows what is about to be written.
    fn show(&mut self) {
        if let Some(log) = &mut self.wire_log {
            log.sent(&self.frames.bytes);
        }
    }

    /// `written` more bytes are with the operating system: what ended in them?
    pub(super) fn account(&mut self, written: usize, begun: Option<Instant>) {
        self.at += written;
        let first = self.next_mark;
        let (mut messages, mut answers, mut payload) = (0, 0, 0);
        while let Some((end, mark)) = self.frames.marks.get(self.next_mark)
            && *end <= self.at
        {
            match *mark {
                Mark::Message(bytes) => {
                    messages += 1;
                    payload += bytes;
                }
                Mark::Answer(bytes, _) => {
                    answers += 1;
                    payload += bytes;
                }
                Mark::Ping(number) => self.pings.written(number, begun.unwrap_or_else(clock::now)),
                Mark::Request(number) => {
                    self.asked.add();
                    let at = begun.unwrap_or_else(clock::now);
                    self.observer.observe(Fact::Wrote(number, at));
                }
                Mark::Close => {
                    self.said.our_close = true;
                    self.say_goodbye();
                }
            }
            self.next_mark += 1;
        }
        let written = Written::new(&self.frames.marks[first..self.next_mark]);
        if messages > 0 {
            self.observer.observe(Fact::Sent(messages, written));
        }
        if answers > 0 {
            self.observer.observe(Fact::Answered(answers, written));
        }
        let unwritten = self.frames.bytes.len() - self.at;
        if self.outbox.written(payload, unwritten) {
            self.observer.observe(Fact::Writable);
        }
    }

    /// The stream takes no more for now: for how long may it?
    pub(super) fn stalled(&mut self) {
        let now = clock::now();
        let stall = *self.stall.get_or_insert(now + self.send_timeout);
        if stall <= now {
            self.blocked_too_long();
        } else if let Some(patience) = self.outbox.cut_patience() {
            self.close_within(patience);
            self.end_late();
        }
    }
}
